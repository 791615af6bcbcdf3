import type { SessionState, ValueState } from "../../../core/session-state.ts";
import type { KnownValue } from "../../../steps/handed-value.ts";
import { parseContent } from "./parse-content.ts";

/** The values of a session as a plan that is read now uses them; of a run, those that stood before the event that began it. */
export function knownValues(values: SessionState["values"], startedSeq = Number.POSITIVE_INFINITY): KnownValue {
	return (name) => {
		const value: ValueState | undefined = Object.hasOwn(values, name) ? values[name] : undefined;
		if (!value || value.secret) return undefined;
		// Only the latest is kept: one that came after says nothing of what was used.
		if (value.seq > startedSeq) return "another than now";
		return valueText(value);
	};
}

/** As a program is handed it: text as it is, anything else as JSON. */
function valueText({ value }: ValueState): string | undefined {
	if (value === undefined) return undefined;
	if (value.content === undefined) return `[erased, ${value.bytes} bytes]`;
	const parsed = parseContent<unknown>(value);
	return typeof parsed === "string" ? parsed : value.content;
}

import type { JsonValue } from "./json.ts";
import { jsonContent, type SessionEventDraft } from "./session-event.ts";

/** The event of a value that is set. A secret's value is not in it: that stays in memory. */
export function valueSet(value: {
	name: string;
	value?: JsonValue;
	secret: boolean;
	source: "parameter" | "person" | "capture";
	run?: string;
}): SessionEventDraft {
	return {
		type: "value.set",
		data: {
			name: value.name,
			...(value.secret || value.value === undefined ? {} : { value: jsonContent(value.value) }),
			secret: value.secret,
			source: value.source,
			...(value.run === undefined ? {} : { run: value.run }),
		},
	};
}

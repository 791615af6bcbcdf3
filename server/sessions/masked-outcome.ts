import type { JsonValue } from "../../core/json.ts";
import type { StepOutcome } from "./judge-result.ts";

/** What a run came to, without secrets in what is recorded of it: a reply of a cluster has not gone through a terminal. */
export function maskedOutcome(outcome: StepOutcome, mask: (text: string) => string): StepOutcome {
	const { result, problem, checks, commands } = outcome;
	return {
		...outcome,
		...(result === undefined ? {} : { result: maskedJson(result, mask) }),
		...(problem === undefined
			? {}
			: { problem: maskedJson(problem as unknown as JsonValue, mask) as unknown as typeof problem }),
		checks: maskedJson(checks, mask),
		commands: maskedJson(commands, mask),
	};
}

/** A value with each of its texts and names masked. */
export function maskedJson(value: JsonValue, mask: (text: string) => string): JsonValue {
	if (typeof value === "string") return mask(value);
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map((item) => maskedJson(item, mask));
	// Names too: they come from a cluster as well. `fromEntries` defines them, so that `__proto__` is a name like any other.
	return Object.fromEntries(Object.entries(value).map(([name, item]) => [mask(name), maskedJson(item, mask)]));
}

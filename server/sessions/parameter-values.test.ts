import { expect, it } from "vitest";
import type { JsonValue } from "../../core/json.ts";
import type { Parameter } from "../../core/runbook.ts";
import { readParameter } from "./parameter-values.ts";

const read = (more: Partial<Parameter>, value: JsonValue) =>
	readParameter({ name: "p", type: "string", required: false, origin: "declared", ...more }, value, () => null);

it.each([
	["[a-z]+", "orders", true],
	["[a-z]+", "orders-1", false],
	["a|b", "ab", false],
	["(?i)orders", "ORDERS", true],
	["(?i)orders", "ORDERS2", false],
	["x".repeat(990), "x".repeat(990), true],
])("a value is held whole against the pattern %j", (pattern, value, fits) => {
	if (fits) expect(read({ pattern }, value)).toBe(value);
	else expect(() => read({ pattern }, value)).toThrow("wants what matches");
});

it("refuses text that no step could be given and no record could keep", () => {
	expect(() => read({}, "a\0b")).toThrow("`p` wants text without null bytes.");
	expect(() => read({}, "a\ud83d")).toThrow("`p` holds half of a character (a lone surrogate).");
	expect(() => read({ type: "secret" }, "\ude00")).toThrow("`p` holds half of a character (a lone surrogate).");
	expect(read({}, "a\ud83d\ude00")).toBe("a\ud83d\ude00");
});

it("refuses what does not match at once, also for a pattern that keeps a backtracking engine busy for years", () => {
	const wrong = `${"a".repeat(49)}!`;
	expect(() => read({ pattern: "(a+)+$" }, wrong)).toThrow("wants what matches (a+)+$");
	expect(() => read({ pattern: "(a+)+$" }, "a".repeat(10_001))).toThrow("at most 10000 characters");
});

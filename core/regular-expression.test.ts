import fc from "fast-check";
import { expect, test } from "vitest";
import { compileRegularExpression } from "./regular-expression.ts";

test.each([
	["abc", "xabcx", true],
	["^abc$", "xabc", false],
	["a.c", "a\nc", false],
	["[a-c]+\\d{2,3}$", "zzab12", true],
	["[^a-c]", "abc", false],
	["^(?:foo|ba[rz])?$", "baz", true],
	["(?i)master", "MASTER", true],
	["\\bOK\\b", "it is OK now", true],
	["\\bOK\\b", "TOKEN", false],
	["^\\d+\\.\\d+\\.\\d+\\.\\d+:\\d{1,5}$", "127.0.0.1:6379", true],
	["a{3}", "aa", false],
	["^[]a]$", "]", true],
	["[\\w-]+", "-", true],
	["^\\x41\\u0042$", "AB", true],
	["^(a|b)*c$", "ababc", true],
	["", "anything", true],
])("/%s/ on %s: %s", (pattern, text, wanted) => {
	expect(compileRegularExpression(pattern).test(text)).toBe(wanted);
});

test.each([
	"(a",
	"a)",
	"[a",
	"*a",
	"(?=a)",
	"(?<!a)",
	"\\1",
	"a{5,2}",
	"a{9999}",
	"((a{1000}){1000})",
	"\\",
	"x".repeat(1_001),
])("refuses %s", (pattern) => {
	expect(() => compileRegularExpression(pattern)).toThrow(SyntaxError);
});

test("agrees with the platform's engine on random small patterns", () => {
	const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(a|b)", "(ab)", "\\w", "^", "$", "\\b");
	const piece = fc
		.tuple(atom, fc.constantFrom("", "*", "+", "?", "{2}", "{1,2}"))
		.map(([a, q]) => (/^[\^$]$|\\b/.test(a) ? a : a + q));
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 6 }), fc.stringMatching(/^[abc ]{0,8}$/), (pieces, text) => {
			const pattern = pieces.join("");
			expect(compileRegularExpression(pattern).test(text)).toBe(new RegExp(pattern).test(text));
		}),
		{ numRuns: 2_000 },
	);
});

test("a pattern that repeats nothing very often is refused at once, not written out", () => {
	const started = performance.now();
	for (const pattern of ["(((){1000}){1000}){1000}", "((((){1000}){1000}){1000}){1000}"]) {
		expect(() => compileRegularExpression(pattern)).toThrow("too large");
	}
	expect(performance.now() - started).toBeLessThan(2_000);
});

test.each([
	["nested too deeply", `${"(".repeat(101)}a${")".repeat(101)}`, `${"(".repeat(99)}a${")".repeat(99)}`],
	["repeats more than 1000 times", "a{1001,}", "a{1000,}"],
	["repeats more than 1000 times", "a{1,1001}", "a{1,900}"],
	["the pattern is too large", "(?:a{1000}){3}", "(?:a{500}){3}"],
])("says which bound a pattern passes, and takes one within it: %s", (said, beyond, within) => {
	expect(() => compileRegularExpression(beyond)).toThrow(said);
	expect(() => compileRegularExpression(within)).not.toThrow();
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkExpression, evaluateExpression } from "./expression.ts";
import { ProblemError } from "./problem.ts";

const scope = {
	result: { role: "master", n: 5, ratio: 1.5, list: [1, 2], deep: { a: { b: null } }, big: "9007199254740993" },
	output: "PONG\nsecond",
	exitCode: 0,
	params: { cluster: "orders" },
	values: {},
	topology: {
		members: [
			{ role: "replica", lag: { bytes: 84, seconds: 0.5 } },
			{ role: "replica", lag: { bytes: 0, seconds: 1 } },
		],
	},
	before: null,
	unit: { elapsedMs: 1200 },
};

describe("evaluateExpression", () => {
	test.each([
		["result.role == 'master'", true],
		["result.n + 1", 6],
		["result.n / 2", 2],
		["result.n + result.ratio", 6.5],
		["result.ratio * 2", 3],
		["result.n == 5.0", true],
		["result.list[1]", 2],
		["size(result.list) == 2 && size(output) > 4", true],
		["output.startsWith('PONG') && output.contains('second') && !output.endsWith('PONG')", true],
		["output.matches('^P[A-Z]+')", true],
		["has(result.role) && !has(result.missing)", true],
		["result.list.exists(x, x > 1) && result.list.all(x, x > 0)", true],
		["result.list.filter(x, x > 1).map(x, x * 10)", [20]],
		["topology.members.all(m, m.lag.seconds <= 1.0)", true],
		["topology.members.all(m, m.role == 'replica' && m.lag.bytes < 100)", true],
		["int('12') + int(result.ratio)", 13],
		["double('1.5')", 1.5],
		["string(result.n) + 'x'", "5x"],
		["{'a': [result.n], 'b': null}", { a: [5], b: null }],
		["result.deep.a.b == null", true],
		["before == null ? 'nothing' : 'something'", "nothing"],
		["unit.elapsedMs < 20000", true],
		["int(result.big) + 0", "9007199254740993"],
		["9007199254740991", 9007199254740991],
		["'a' in {'a': 1}", true],
	])("%s", (text, wanted) => {
		expect(checkExpression(text)).toBeNull();
		expect(evaluateExpression(text, scope)).toEqual(wanted);
	});

	test.each([
		["result.missing == 1", "missing"],
		["result.list[9]", "index"],
		["result.role + 1", "overload"],
		["1 / 0", "division"],
		["result.constructor", "constructor"],
		["result.__proto__", "__proto__"],
		["output.length", "length"],
		["output.matches('(a')", "not closed"],
		["values.password", "password"],
	])("%s fails with the expression and what was wrong", (text, part) => {
		let caught: unknown;
		try {
			evaluateExpression(text, scope);
		} catch (error) {
			caught = error;
		}
		expect(caught).toBeInstanceOf(ProblemError);
		const { problem } = caught as ProblemError;
		expect(problem.code).toBe("expression-failed");
		expect(problem.detail).toContain(text);
		expect(problem.detail.toLowerCase()).toContain(part.toLowerCase());
		expect(problem.detail).not.toContain("\n");
	});

	test("macros in one another are stopped before they hold everything up, and one over many items is not", () => {
		const nine = "[1,2,3,4,5,6,7,8,9]";
		const nested = `${Array.from({ length: 12 }, (_, i) => `${nine}.all(v${i}, `).join("")}true${")".repeat(12)}`;
		const started = performance.now();
		expect(() => evaluateExpression(nested, scope)).toThrow(ProblemError);
		expect(() =>
			evaluateExpression("result.map(a, result.map(b, result.map(c, a + b + c)))", { result: Array(100).fill(1) }),
		).toThrow("it goes through more than 100000 items");
		expect(performance.now() - started).toBeLessThan(3_000);
		const many = Array.from({ length: 50_000 }, (_, i) => i);
		expect(evaluateExpression("size(result.filter(n, n >= 25000))", { result: many })).toBe(25_000);
	});

	test("a wrong literal pattern is told before anything runs, at its place", () => {
		const told = checkExpression("output == 'x' || output.matches('(a')");
		expect(told).toMatchObject({ code: "expression-invalid", data: { offset: 32 } });
		expect(checkExpression("output.matches('^a+$') && result.all(r, r.matches('b'))")).toBeNull();
		expect(checkExpression("result.all(r, r.matches('[b'))")?.code).toBe("expression-invalid");
	});

	test("a pattern that would keep a backtracking engine busy for ages ends at once", () => {
		const started = performance.now();
		expect(evaluateExpression("output.matches('^(a+)+$')", { output: `${"a".repeat(5_000)}!` })).toBe(false);
		expect(evaluateExpression("result.exists(x, x.matches('(a|a)*(a|a)*b'))", { result: ["a".repeat(2_000)] })).toBe(
			false,
		);
		expect(performance.now() - started).toBeLessThan(1_000);
	});

	test("any JSON value goes in and comes out as it was", () => {
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
				const json = JSON.parse(JSON.stringify(value));
				if (JSON.stringify(json).includes("__proto__")) return;
				expect(evaluateExpression("result", { result: json })).toEqual(json);
			}),
			{ numRuns: 200 },
		);
	});
});

test("half of a character is no result", () => {
	expect(evaluateExpression("output.substring(0, 2)", { output: "\ud83d\ude00 fine" })).toBe("\ud83d\ude00");
	expect(() => evaluateExpression("{'a': [output.substring(0, 1)]}", { output: "\ud83d\ude00 fine" })).toThrow(
		"half of a character",
	);
});

describe("checkExpression", () => {
	test.each([
		["result ==", 9],
		["nothing.here", 0],
		["result.a == 1 && nothing.here", 17],
		["result.exists(x, y > 1)", 17],
		["size()", 0],
		["", 0],
		["process.exit()", 0],
	])("refuses `%s`, with the offset", (text, offset) => {
		const wrong = checkExpression(text);
		expect(wrong?.code).toBe("expression-invalid");
		if (wrong?.data !== undefined) expect(wrong.data).toEqual({ offset });
	});

	test("says which names there are when one is unknown", () => {
		expect(checkExpression("reslut == 1")).toMatchObject({
			detail: "`reslut == 1`: there is no `reslut` here.",
			next: "Use one of result, output, exitCode, params, values, topology, before, unit.",
		});
	});

	test("limits length and depth", () => {
		expect(checkExpression(`result == '${"x".repeat(5_000)}'`)?.code).toBe("expression-invalid");
		expect(checkExpression(`${"(".repeat(300)}1${")".repeat(300)}`)?.code).toBe("expression-invalid");
	});

	test("never throws, whatever the text", () => {
		fc.assert(fc.property(fc.string(), (text) => void checkExpression(text)));
	});
});

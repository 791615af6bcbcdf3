import { describe, expect, test } from "vitest";
import { evaluateExpression } from "./expression.ts";
import { StepWork } from "./expression-work.ts";
import { ProblemError } from "./problem.ts";

const words = Array.from({ length: 30_000 }, (_, index) => index).join(" ");
const letters = (count: number) => "a".repeat(count);
const doubled = (times: number) => `[[1]]${".map(a, [a, a])".repeat(times)}`;
const work = "units of work";
const texts = "texts of more than";
const lists = "lists of more than";

describe("an evaluation ends within its limits and says which one it has passed", () => {
	test.each<[string, string, string, string]>([
		["a search in every word", "output.split(' ').filter(x, output.contains(x + 'q'))", words, work],
		["`exists` does not hide it", "output.split(' ').exists(x, output.contains(x + 'q'))", words, work],
		["`||` does not hide it", "output.split('').map(x, output).join('') == '' || true", letters(90_000), texts],
		["a large pattern over a long text", "output.matches('(a?){400}(a?){400}b')", letters(2_000_000), work],
		["many patterns", "output.split(' ').all(x, 'abc'.matches(x + '{900}b{900}') || true)", words, work],
		["a text doubled", `[output]${".map(a, a + a + a + a)".repeat(15)}`, letters(1_000), texts],
		["a text joined", "output.split('').map(x, output).join('')", letters(90_000), texts],
		["a text in other letters", "output.split('').map(x, output.upperAscii())", letters(90_000), texts],
		["bytes written out", "output.split('').map(x, bytes(output).hex())", letters(90_000), texts],
		["a list doubled", `[output.split('')]${".map(a, a + a + a + a)".repeat(15)}`, letters(1_000), lists],
		["texts split", "output.split('').map(x, output.split(''))", letters(90_000), lists],
		["lists that share their parts, written out", doubled(40), "", lists],
		["lists that share their parts, compared", `${doubled(40)} == ${doubled(40)}`, "", work],
		["lists that share their parts, looked for", `${doubled(40)} in [${doubled(40)}]`, "", work],
		["maps that share their parts", `[{'a': 1}]${".map(a, {'x': a, 'y': a})".repeat(40)}`, "", lists],
		["the length of a text", "output.split('').all(x, output.size() > 0)", letters(90_000), work],
		["a long beginning", "output.split('').all(x, output.startsWith(output))", letters(90_000), work],
		["a search from the end", "output.lastIndexOf('b' + output.substring(100000))", letters(200_000), work],
		["many operators", `output.split('').all(x, ${"1 + ".repeat(900)}1 > 0)`, letters(90_000), work],
		["dates in time zones", "output.split('').map(x, timestamp(0).getHours('Asia/Tokyo'))", letters(90_000), work],
		["a long duration", "duration(output)", "1".repeat(100_000), "a duration is not as long"],
	])("%s", (_, expression, output, limit) => {
		// Processor time: other work on the machine is not its fault. Without limits these take minutes and gigabytes.
		const started = process.cpuUsage();
		let caught: unknown;
		try {
			evaluateExpression(expression, { output });
		} catch (error) {
			caught = error;
		}
		expect(process.cpuUsage(started).user / 1_000).toBeLessThan(5_000);
		expect(caught).toBeInstanceOf(ProblemError);
		expect((caught as ProblemError).problem).toMatchObject({ code: "expression-failed" });
		expect((caught as ProblemError).problem.detail).toContain(limit);
	});

	test.each<[string, string, unknown]>([
		["output.split('\\n').filter(l, l.contains('error')).size()", "a line of a log without it\n".repeat(40_000), 0],
		["output.matches('(?i)error.*timeout')", "a line of a log, no Error here\n".repeat(20_000), false],
		["output.contains('b') || output.trim().size() > 10", letters(2_000_000), true],
		["output.split(' ').filter(x, x.matches('^[0-9]+$')).size()", words, 30_000],
		["output.split(' ').map(x, int(x)).filter(n, n % 2 == 0).size()", words, 15_000],
	])("`%s` over a long output is far from them, also when it is asked again", (expression, output, wanted) => {
		for (let i = 0; i < 3; i++) expect(evaluateExpression(expression, { output })).toBe(wanted);
	});
});

test("the expressions of one step have one budget together, which is said with its name", () => {
	const costly = "output.split(' ').all(x, x.matches('[0-9]{1,9}') || true)";
	const started = process.cpuUsage();
	const failures: string[] = [];
	const step = new StepWork("look");
	let held = 0;
	for (let i = 0; i < 100; i++) {
		try {
			held += evaluateExpression(costly, { output: words }, step) === true ? 1 : 0;
		} catch (error) {
			failures.push((error as ProblemError).problem.detail);
		}
	}
	// Without a budget of the step these take a minute.
	expect(process.cpuUsage(started).user / 1_000).toBeLessThan(10_000);
	expect(held).toBeGreaterThan(0);
	expect(held + failures.length).toBe(100);
	expect(new Set(failures)).toEqual(
		new Set([`\`${costly}\`: the expressions of the step \`look\` take more than 100 million units of work together.`]),
	);
	expect(evaluateExpression(costly, { output: words }, new StepWork("next"))).toBe(true);
});

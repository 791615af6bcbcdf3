import { describe, expect, test } from "vitest";
import { parseText } from "../../test/support/parse-text.ts";

const fence = "```";
const shell = (body: string, info = "") => `${fence}sh ${info}\n${body}\n${fence}\n`;
const each = (count: number, make: (index: number) => string, between = "") =>
	Array.from({ length: count }, (_, index) => make(index)).join(between);

/** What takes a second at most when it grows with the size alone, and minutes when it grows with its square. */
const generousMs = 10_000;

describe("reading takes no longer than the size of the file says", () => {
	test.each<[string, string, string | undefined]>([
		["comments that never end", "\n<!--\n".repeat(30_000), undefined],
		["comments that end with other text", `${"<!--\n\n".repeat(30_000)}--> text`, undefined],
		["comments that end far away with much text", `${"<!--\n\n".repeat(20_000)}--> ${"x ".repeat(4_000)}`, undefined],
		["callouts", "> [!NOTE]\n> a\n\n".repeat(15_000), undefined],
		["task lists", "- [ ] a\n\n1. [ ] b\n\n".repeat(7_000), "runbook-too-many-steps"],
		["headings of one text", "# a\n".repeat(30_000), undefined],
		["words of one command", shell(`echo ${"a ".repeat(300_000)}`), undefined],
		["assignments of one command", shell("a=b ".repeat(200_000)), undefined],
		["arithmetic of one name", shell(`echo $((${"a".repeat(500_000)}))`), undefined],
		["placeholders", shell(`echo ${each(60_000, (i) => `<a${i}>`, " ")}`), "runbook-too-many-values"],
		["placeholders in quotes", shell(each(40_000, (i) => `echo '<a${i}>'`, "\n")), "placeholder-unusable"],
		["variables", shell(`echo ${each(100_000, (i) => `$A${i}`, " ")}`), "runbook-too-many-values"],
		["templates", shell(each(60_000, (i) => `echo {{a${i}}}`, "\n")), "value-missing"],
		[
			"attributes",
			shell(
				"true",
				each(80_000, (i) => `a${i}=b`, " "),
			),
			"attributes-invalid",
		],
		["attributes in JSON", shell("true", `{${each(70_000, (i) => `"a${i}":"b"`, ",")}}`), "attributes-invalid"],
		["captured values", shell("true", `{"capture":"${each(50_000, (i) => `a${i}=1`, ";")}"}`), "step-invalid"],
		["steps checked again", shell("true", `{"recheck":"${each(50_000, (i) => `a${i}`, ",")}"}`), "step-invalid"],
		["final lines", shell("true", `{"finally":"${each(50_000, (i) => `a${i}`, "\\n")}"}`), "step-invalid"],
		[
			"captured values of many steps",
			each(900, (i) => shell("true", `{"capture":"${each(80, (j) => `a${i}_${j}=1`, ";")}"}`)),
			"runbook-too-many-values",
		],
		["hidden characters", shell("\u200b\n".repeat(200_000)), "bidi-characters"],
		["blocked pictures", "![a](http://b)\n\n".repeat(30_000), "link-blocked"],
	])("%s", (_, source, code) => {
		// Processor time: other work on the machine is not its fault.
		const started = process.cpuUsage();
		const { problems } = parseText(source);
		expect(process.cpuUsage(started).user / 1_000).toBeLessThan(generousMs);
		expect(problems.length).toBeLessThanOrEqual(501);
		if (code === undefined) expect(problems).toEqual([]);
		else expect(problems.map((problem) => problem.code)).toContain(code);
	});
});

test("a default that is too much work for its pattern is a problem, as often as aliases repeat it", () => {
	const many = each(8, (i) => `  p${i}: { pattern: "(a?){900}b", default: *long }`, "\n");
	const source = `---\nowner: &long ${"a".repeat(50_000)}\nparameters:\n${many}\n---\n# a\n`;
	const started = process.cpuUsage();
	const { problems } = parseText(source);
	expect(process.cpuUsage(started).user / 1_000).toBeLessThan(generousMs);
	expect(problems).toHaveLength(8);
	expect(problems[0]).toMatchObject({ code: "parameter-invalid", detail: expect.stringContaining("too many steps") });
});

test("a hundred parameters are read; one more is a problem with its place, and is left out", () => {
	const declaring = (count: number) => parseText(`---\nparameters:\n${each(count, (i) => `  p${i}: {}\n`)}---\n# a\n`);
	const most = declaring(100);
	expect([most.problems, most.parameters.length]).toEqual([[], 100]);
	const { problems, parameters } = declaring(101);
	expect(parameters).toHaveLength(100);
	expect(problems).toMatchObject([{ code: "front-matter-field", detail: "There are more than 100 parameters." }]);
	expect(problems[0]?.at?.line).toBe(3);
});

describe("what a person would not write is a problem with its place", () => {
	test.each<[string, string, string, number]>([
		[
			"a table of 500,000 cells",
			`# a\n\n${`${"|a".repeat(500)}|\n|${"-|".repeat(500)}\n`}${`${"|a".repeat(500)}|\n`.repeat(1_000)}`,
			"runbook-too-large",
			70,
		],
		["200,000 list items", "- a\n".repeat(200_000), "runbook-too-large", 20_000],
		["a paragraph of 60,000 characters", `# a\n\n${"![".repeat(30_000)}`, "runbook-too-large", 3],
		["three paragraphs of 45,000 characters", `${"a ".repeat(22_500)}\n\n`.repeat(3), "runbook-too-large", 5],
		["300 placeholders", `# a\n\n${shell(each(300, (i) => `echo <a${i}>`, "\n"))}`, "runbook-too-many-values", 3],
	])("%s", (_, source, code, about) => {
		const { problems } = parseText(source);
		expect(problems).toMatchObject([{ code, severity: "error" }]);
		expect(problems[0]?.at?.line).toBeGreaterThanOrEqual(about * 0.9);
		expect(problems[0]?.at?.line).toBeLessThanOrEqual(about * 1.1);
	});

	test("of very many problems errors are told before warnings, and how many there are", () => {
		const { problems } = parseText(`${"![a](http://b)\n\n".repeat(2_000)}${shell("echo '<a-name>'")}`);
		expect(problems).toHaveLength(501);
		expect(problems.at(-1)).toMatchObject({ code: "placeholder-unusable", severity: "error" });
		expect(problems).toContainEqual(
			expect.objectContaining({ severity: "info", detail: "It has 2001 problems; 500 of them are told." }),
		);
	});

	test("the place of a missing value is counted over lines and columns", () => {
		const { problems } = parseText(shell("echo a\necho {{a}} {{b}}\n\n  echo {{c}}"));
		expect(problems.map((problem) => [problem.at?.line, problem.at?.column])).toEqual([
			[3, 6],
			[3, 12],
			[5, 8],
		]);
	});
});

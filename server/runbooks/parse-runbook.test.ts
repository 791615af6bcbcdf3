import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Problem } from "../../core/problem.ts";
import type { ManualStep } from "../../steps/manual/type.ts";
import type { ShellStep } from "../../steps/shell/type.ts";
import { fence, front, parseText } from "../../test/support/parse-text.ts";
import { findMarkdown } from "./runbook-folder.ts";

/** `line:column severity code` of each problem. */
function told(problems: readonly Problem[]): string[] {
	return problems.map((p) => `${p.at?.line}:${p.at?.column} ${p.severity} ${p.code}`);
}

describe("malformed and hostile runbooks give their problem with its line and column", () => {
	const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
		.split("")
		.map((l, i) => `${l}: &${l} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(",")}]`)
		.join("\n")}`;
	const cases: [string, string | Uint8Array, string[]][] = [
		["front matter in JavaScript", "---js\n{ title: process.exit(7) }\n---\n", ["1:4 error front-matter-language"]],
		["the same in capitals", "---JS\nx\n---\n", ["1:4 error front-matter-language"]],
		["the same after a space", "--- javascript\nx\n---\n", ["1:5 error front-matter-language"]],
		["a name on the prototype", "---constructor\nx\n---\n", ["1:4 error front-matter-language"]],
		["even YAML by name", "--- yaml\ntitle: x\n---\n", ["1:5 error front-matter-language"]],
		["front matter that is not closed", "---\ntitle: x\n# Hello\n", ["1:1 error front-matter-invalid"]],
		["front matter that is no mapping", front("- a\n- b"), ["2:1 error front-matter-invalid"]],
		["broken YAML", front('title: "x\nowner: y'), ["3:9 error front-matter-invalid"]],
		["a key twice", front("title: x\ntitle: y"), ["3:1 error front-matter-invalid"]],
		["a tag", front("title: !!js/function 'x'"), ["2:8 error front-matter-invalid"]],
		["an alias inside of what it stands for", front("a: &a [*a]"), ["2:8 error front-matter-limit"]],
		["an alias bomb", front(bomb), ["5:14 error front-matter-limit"]],
		["nesting without end", front(`a: ${"[".repeat(5_000)}`), ["2:52 error front-matter-limit"]],
		[
			"nesting by indentation",
			front(Array.from({ length: 30 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")),
			["14:13 error front-matter-limit"],
		],
		["front matter as long as a book", front(`a: ${"x".repeat(70_000)}`), ["2:1 error front-matter-limit"]],
		["__proto__", front("parameters:\n  __proto__: { polluted: 1 }"), ["3:3 error forbidden-key"]],
		["constructor deep down", front("steps:\n  a:\n    constructor: 1"), ["4:5 error forbidden-key"]],
		["a field of the wrong kind", front("severity: high"), ["2:11 error front-matter-field"]],
		["a misspelt field", front("parameter:\n  a: 1"), ["2:1 error unknown-field"]],
		["a parameter of no type", front("parameters:\n  a: { type: strnig }"), ["3:14 error parameter-invalid"]],
		[
			"a parameter that preloads a library",
			front("parameters:\n  LD_PRELOAD: { type: string }"),
			["3:3 error parameter-reserved"],
		],
		[
			"a secret with a default",
			front("parameters:\n  p: { type: secret, default: abc }"),
			["3:31 error parameter-invalid"],
		],
		["a pattern that backtracks", front("parameters:\n  p: { pattern: '(?=a)' }"), ["3:18 error parameter-invalid"]],
		[
			"a pattern that no whole value can be held against",
			front(`parameters:\n  p: { pattern: ${"x".repeat(999)} }`),
			["3:17 error parameter-invalid"],
		],
		["configuration of no step", front("steps:\n  nobody: { timeout: 1s }"), ["3:3 error step-unknown"]],
		["not UTF-8", new Uint8Array([35, 32, 65, 10, 0xff, 0xfe]), ["2:1 error runbook-not-text"]],
		[
			"lists nested without end",
			Array.from({ length: 130 }, (_, i) => `${"  ".repeat(i)}- x`).join("\n"),
			["49:1 error runbook-too-deep"],
		],
		["attributes that are no JSON", fence('sh {"name":"a",}'), ["1:19 error attributes-invalid"]],
		["attributes that are not flat", fence('sh {"name":{"a":1}}'), ["1:8 error attributes-invalid"]],
		["an attribute twice", fence('sh {"name":"a","name":"b"}'), ["1:19 error attributes-invalid"]],
		["attributes that are not closed", fence("sh {name=a"), ["1:7 error attributes-invalid"]],
		["__proto__ as an attribute", fence('sh {"__proto__":"a"}'), ["1:8 error forbidden-key"]],
		["an unknown type", fence('sh {"type":"shel"}'), ["1:16 error unknown-type"]],
		["a misspelt attribute", fence('sh {"name":"a","exepct":"exitCode == 0"}'), ["1:20 error misspelt-attribute"]],
		["a foreign attribute", fence('sh {"name":"a","terminalRows":"20"}'), ["1:20 warning unknown-attribute"]],
		["a name twice", `${fence("sh {name=a}")}${fence("sh {name=a}")}`, ["4:13 error step-name-duplicate"]],
		["a block that is not closed", "# A\n\n- x\n\n  ```sh {name=a}\n  ls\n\ntext\n", ["5:3 error step-unclosed"]],
		["a NUL character", "# A\n\ntext \0\n", ["3:6 error runbook-not-text"]],
		[
			"a value that only a later step captures",
			`${fence('sh {"name":"a"}', "echo {{y}}")}${fence('sh {"name":"b","capture":"y=output"}')}`,
			["2:6 warning value-missing"],
		],
		[
			"a literal pattern that can't be read",
			fence(`sh {"expect":"output.matches('[')"}`),
			["1:33 error expression-invalid"],
		],
		["a name with a slash", fence('sh {"name":"../a"}'), ["1:16 error step-name-invalid"]],
		["a bad expression", fence('sh {"expect":"exitCode =="}'), ["1:29 error expression-invalid"]],
		["an expression with an unknown name", fence('sh {"when":"process.exit()"}'), ["1:16 error expression-invalid"]],
		["a bad expression of a capture", fence('sh {"capture":"a=output; b=size("}'), ["1:36 error expression-invalid"]],
		[
			"a bad expression in the front matter",
			front("steps:\n  a:\n    expect:\n      - that: 'exitCode =='", fence("sh {name=a}")),
			["5:27 error expression-invalid"],
		],
		["a capture into PATH", fence('sh {"capture":"PATH=output"}'), ["1:19 error parameter-reserved"]],
		["a duration without a unit", fence('sh {"timeout":"10"}'), ["1:19 error step-invalid"]],
		["a risk that there is not", fence('sh {"risk":"none"}'), ["1:16 error step-invalid"]],
		["a target that is no reference", fence('redis {"target":"a b"}', "PING"), ["1:21 error target-reference-invalid"]],
		[
			"a command that goes nowhere",
			fence('redis {"name":"b"}', "# first\n@c.master PING\n  PING\nPING"),
			["4:3 error target-missing"],
		],
		["such a command in a list", "- a\n\n  ```redis {name=b}\n  PING\n  ```\n", ["4:3 error target-missing"]],
		[
			"such a command of a listing",
			fence("redis {name=b}", "127.0.0.1:6379> PING\nPONG"),
			["2:1 error target-missing"],
		],
		[
			"a last line that goes nowhere",
			fence('redis {"finally":"PING"}', "@c.master PING"),
			["1:22 error target-missing"],
		],
		[
			"commands that each name their node",
			fence("redis {name=b}", "@c.master PING\n@{{c}}.replica[0] PING"),
			["3:2 warning value-missing"],
		],
		["a command that nobody annotated", fence("redis", "PING"), ["2:1 warning target-missing"]],
		[
			"a wait that looks at no cluster",
			fence('wait {"until":"topology.master != null"}'),
			["1:19 error target-missing"],
		],
		["a wait that needs none", fence('wait {"until":"values.a == 1"}'), []],
		[
			"a value that nothing gives",
			front("parameters:\n  cluster: { type: target }", fence('redis {"target":"{{clutser}}"}', "GET {{kye}}")),
			["5:21 error value-missing", "6:5 error value-missing"],
		],
		[
			"a group that is cut in two",
			`${fence("sh {name=a group=g}")}${fence("sh {name=b}")}${fence("sh {name=c group=g}")}`,
			["7:21 error group-not-consecutive"],
		],
		["a person in a group", fence('manual {"group":"g"}', "- [ ] look"), ["1:21 error step-invalid"]],
		["a recheck of nothing", fence("sh {name=a recheck=b}"), ["1:23 error step-unknown"]],
		[
			"a recheck that changes",
			`${fence('redis {name=w target="c"}', "CLIENT PAUSE 1 WRITE")}${fence("sh {name=a recheck=w}")}`,
			["4:23 error step-invalid"],
		],
		["quotes of a redis command", fence('redis {"target":"c"}', 'GET a\n  GET "a'), ["3:3 error step-invalid"]],
		["a placeholder in single quotes", fence("sh", "ls\necho '<password>'"), ["3:7 error placeholder-unusable"]],
		["text that turns around", fence("sh", "ls\necho a\u202Eb"), ["3:7 error bidi-characters"]],
		["a title that turns around", front('title: "\\u202Eevil"'), ["2:8 error bidi-characters"]],
		["a key of no width", front('"a\\u200B": 1'), ["2:1 error bidi-characters"]],
		["a parameter's text", front('parameters:\n  a: { description: "x\\u2066y" }'), ["3:21 error bidi-characters"]],
		[
			"a step's text in front",
			front('steps:\n  a: { undo: "\\u202Ex" }', fence('sh {"name":"a"}')),
			["3:14 error bidi-characters"],
		],
		["an attribute", fence('sh {"name":"a","title":"\\u202Eevil"}'), ["1:19 error bidi-characters"]],
		["an attribute without quotes", fence("sh title=\u202Eevil"), ["1:7 error bidi-characters"]],
		["a heading", "# \u202Eevil\n", ["1:1 error bidi-characters"]],
		["a heading of entities", "# &#x202E;evil\n", ["1:1 error bidi-characters"]],
		["a step's heading", `# a\n\n## &#x200B;b\n\n${fence("sh")}`, ["5:1 error bidi-characters"]],
		["text of no width", fence("sh", "r\u200Bm -r x"), ["2:2 error bidi-characters"]],
		["an escape sequence", fence("sh", "echo \u001B[2J"), ["2:6 error bidi-characters"]],
		["a wait for nothing", fence("wait"), ["1:1 error step-invalid"]],
		["a choice of one", fence('manual {"question":"Which?","choices":"a"}', ""), ["1:1 error step-invalid"]],
		["a paragraph like a book", `# A\n\n${"![".repeat(40_000)}`, ["3:1 error runbook-too-large"]],
		[
			"links that are not opened",
			"a\n\n[x](javascript:alert(1)) ![y](https://example.org/y.png)",
			["3:1 warning link-blocked", "3:26 warning link-blocked"],
		],
		[
			"pictures that are not loaded, each at its own place",
			"> one ![a](http://a/a.png)\n> two **![b](http://b/b.png)**\n\n- x\n  y <javascript:alert(1)> z\n\n| a | b |\n|---|---|\n| 1 | ![c](//c/c.png) |",
			["1:7 warning link-blocked", "2:9 warning link-blocked", "5:5 warning link-blocked", "9:7 warning link-blocked"],
		],
	];
	expect(cases.length).toBeGreaterThan(20);

	test.each(cases)("%s", (_name, source, wanted) => {
		expect(told(parseText(source).problems)).toEqual(wanted);
		// What is malformed once is malformed again: nothing is remembered as empty.
		expect(told(parseText(source).problems)).toEqual(wanted);
	});

	test("nothing of a front matter in another language is executed or shown as a step", () => {
		for (const word of ["js", "JS", " javascript", "constructor", "json", "__proto__"]) {
			const runbook = parseText(`---${word}\n(globalThis.pwned = true) || { title: "x" }\n---\n${fence("sh")}`);
			expect(runbook).toMatchObject({ steps: [], blocks: [], parameters: [] });
			expect("pwned" in globalThis).toBe(false);
		}
	});

	test("no prototype is changed", () => {
		parseText(front("parameters:\n  __proto__: { polluted: 1 }", fence('sh {"__proto__":{"polluted":"1"}}')));
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});

	test("a source larger than the limit is not read", () => {
		const runbook = parseText("x".repeat(101), { bytes: 100, steps: 10 });
		expect(told(runbook.problems)).toEqual(["1:1 error runbook-too-large"]);
	});

	test("steps beyond the limit are told at the first of them", () => {
		const runbook = parseText(fence("sh").repeat(5), { bytes: 10_000, steps: 3 });
		expect(told(runbook.problems)).toEqual(["10:1 error runbook-too-many-steps"]);
		expect(runbook.steps).toHaveLength(3);
	});

	test("whatever the bytes, parsing ends without throwing and in time", () => {
		const piece = fc.constantFrom(
			...'# x|---\n|```sh\n|```\n|{"a":|}|{{x}}|<p-q>|- [ ] t\n|> [!NOTE]\n|[a](b)|![|](|\n|  |1. |\'|"|$A|title: x\n|&a |*a |\u202E|<!-- |-->|\u0000|\r\n'.split(
				"|",
			),
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
				for (const { at } of parseText(pieces.join("")).problems) {
					expect(at?.line).toBeGreaterThan(0);
					expect(at?.column).toBeGreaterThan(0);
				}
			}),
			{ numRuns: 1_000 },
		);
	});

	test.each(["[", "![", "> ", "*a ", "`", "<", "- ", "[a](", "|a", "&", "\\", "```\n", "<!-- "])(
		"1 MiB of %s is read in seconds",
		(piece) => {
			// Processor time: other work on the machine is not its fault.
			const started = process.cpuUsage();
			parseText(piece.repeat(Math.floor((1024 * 1024) / piece.length)));
			expect(process.cpuUsage(started).user / 1_000).toBeLessThan(5_000);
		},
		20_000,
	);
});

describe("a plain runbook", () => {
	const runbook = parseText(readFileSync(new URL("../../test/fixtures/plain.md", import.meta.url)));

	test("shell-like blocks become steps, named for their headings", () => {
		expect(runbook.problems).toEqual([]);
		expect(runbook.steps.map((s) => [s.name, s.title, s.type, s.body.split("\n")[0]])).toEqual([
			["look", "df -h /", "shell", "df -h /"],
			["look-2", "uptime", "shell", "$ uptime"],
			["connect", "Connect", "shell", "psql -h $DB_HOST -U <user-name>"],
			["afterwards", "Afterwards", "manual", "- [ ] Tell the team"],
		]);
	});

	test("of several below one heading each is called by the first words of what it does; their names stay those of the heading", () => {
		const fence = (word: string, body: string) => `\`\`\`${word}\n${body}\n\`\`\`\n\n`;
		const long = "curl --fail https://orders.example/health --header 'Accept: application/json'";
		const { steps } = parseText(
			`${fence("sh", "uptime")}# Restart\n\n${fence("sh", "# first\nset -eu\nsudo systemctl stop orders")}${fence("sh", long)}${fence("console", "$ uptime\n up 3 days")}${fence("sh", "uptime")}- [ ] Tell the \`team\`\n- [ ] Wait\n\n## Look\n\n${fence("sh", "uptime")}${fence('sh {"title":"Load"}', "uptime")}`,
		);
		expect(steps.map(({ name, title }) => [name, title])).toEqual([
			["step", "uptime"],
			["restart", "sudo systemctl stop orders"],
			["restart-2", "curl --fail https://orders.example/health…"],
			["restart-3", "uptime"],
			["restart-4", "uptime (2)"],
			["restart-5", "Tell the `team`"],
			["look", "Look"],
			["look-2", "Load"],
		]);
	});

	test("a checklist that a heading begins with is called as the heading is", () => {
		const titles = (text: string) => parseText(text).steps.map(({ title }) => title);
		const list = "- [ ] Logs saved\n- [ ] Team told\n\n";
		const fence = "```sh\nuptime\n```\n\n";
		expect(titles(`# Look\n\n${fence}# Before\n\n${list}${fence}${fence}`)).toEqual([
			"Look",
			"Before",
			"uptime",
			"uptime (2)",
		]);
		// Two of them are told apart by what they say.
		expect(titles(`# Before\n\n${list}And:\n\n- [ ] Wait\n`)).toEqual(["Logs saved", "Wait"]);
	});

	test("placeholders and unset variables become parameters, secrets by their names", () => {
		expect(runbook.parameters).toEqual(
			[
				{ name: "USER_NAME", type: "string", required: true, origin: "placeholder" },
				{ name: "DB_HOST", type: "string", required: true, origin: "variable" },
				{ name: "DB_PASSWORD", type: "secret", required: true, origin: "placeholder" },
			].sort(
				(a, b) =>
					["DB_HOST", "USER_NAME", "DB_PASSWORD"].indexOf(a.name) -
					["DB_HOST", "USER_NAME", "DB_PASSWORD"].indexOf(b.name),
			),
		);
	});

	test("of a listing only what was typed runs", () => {
		expect((runbook.steps[1]?.own as ShellStep).script).toBe("uptime\nls \\\n  -l");
	});

	test("the text that will run stands beside the original", () => {
		const step = runbook.steps[2];
		expect(step?.body).toContain("<user-name>");
		expect((step?.own as ShellStep).script).toBe(
			'psql -h $DB_HOST -U "${USER_NAME}"\nPGPASSWORD="${DB_PASSWORD}" psql',
		);
	});

	test("task lists become checklists", () => {
		expect((runbook.steps[3]?.own as ManualStep).items).toEqual([
			"Tell the team",
			"Close the ticket, with what was found",
		]);
	});

	test("languages that are not run are labelled, other code is code, and the order is the document's", () => {
		const html = runbook.blocks
			.map((b) => (b.kind === "prose" ? b.html : b.kind === "step" ? `[${b.step}]` : `#${b.id}`))
			.join("\n");
		expect(html).toContain("<figcaption>SQL, not run here</figcaption>");
		expect(html).toContain('<code class="language-json">');
		expect(html.replace(/[^[\]#\w-]+/g, " ")).toMatch(
			/#look .*\[look\] .*\[look-2\] .*#connect .*\[connect\] .*#afterwards .*\[afterwards\]/,
		);
		expect(runbook.title).toBe("When the disk is full");
		expect(runbook.summary).toBe("What to do first.");
	});
});

test("200 plain Markdown files open without an error", async () => {
	const folder = new URL("../../node_modules", import.meta.url).pathname;
	const files: string[] = [];
	for (const name of [
		"zod",
		"yaml",
		"vite",
		"vitest",
		"preact",
		"pino",
		"ws",
		"express",
		"commander",
		"chokidar",
		"ioredis",
		"execa",
		"markdown-it",
		"uplot",
	]) {
		for (const file of (await findMarkdown(`${folder}/${name}`)).files) files.push(`${folder}/${name}/${file}`);
	}
	const { readdirSync, existsSync } = await import("node:fs");
	for (const name of readdirSync(folder).sort()) {
		if (existsSync(`${folder}/${name}/README.md`)) files.push(`${folder}/${name}/README.md`);
	}
	const chosen = [...new Set(files)].slice(0, 400);
	expect(chosen.length).toBeGreaterThanOrEqual(200);
	const wrong = chosen.flatMap((file) => {
		const { problems, digest } = parseText(readFileSync(file));
		expect(digest).toMatch(/^[0-9a-f]{64}$/);
		return problems.filter((p) => p.severity === "error");
	});
	expect(wrong).toEqual([]);
	console.info(`${chosen.length} plain Markdown files opened without an error`);
}, 60_000);

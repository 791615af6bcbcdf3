import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Problem, ProblemError } from "../../core/problem.ts";
import { readConfiguration } from "../../server/config.ts";
import { type Engine, openEngine } from "../../server/engine.ts";
import { checkPaths } from "../../server/runbooks/check.ts";
import { stepTypes } from "../../steps/index.ts";
import { targetKinds } from "../../targets/index.ts";
import { callerNamed } from "../support/open-test-sessions.ts";

let root: string;
let engine: Engine;
/** What every hostile runbook tries to make. */
const trace = () => join(root, "trace");

const fence = (info: string, body = "true") => `\`\`\`${info}\n${body}\n\`\`\`\n`;
const front = (yaml: string, rest = "") => `---\n${yaml}\n---\n\n${rest}`;
const runs = fence('sh {"name":"go"}', "touch $TRACE");
const nine = "[1,2,3,4,5,6,7,8,9]";
const bomb = (depth: number) =>
	`${Array.from({ length: depth }, (_, i) => `${nine}.all(v${i}, `).join("")}true${")".repeat(depth)}`;

/** A file, its bytes, and what is told of it: place, weight and code. */
const fixtures: [file: string, bytes: string | Uint8Array, told: string][] = [
	[
		"js.md",
		`---js\nrequire("fs").writeFileSync(process.env.TRACE, "")\n---\n${runs}`,
		"1:4 error front-matter-language",
	],
	["javascript.md", `---javascript\n({ title: 1 })\n---\n${runs}`, "1:4 error front-matter-language"],
	["js-after-bom.md", `\uFEFF---js\n({})\n---\n${runs}`, "1:4 error front-matter-language"],
	["js-after-tab.md", `---\tjs\n({})\n---\n${runs}`, "1:5 error front-matter-language"],
	["coffee.md", `---coffee\ntitle: 1\n---\n${runs}`, "1:4 error front-matter-language"],
	["json.md", `---json\n{"title":"x"}\n---\n${runs}`, "1:4 error front-matter-language"],
	["constructor.md", `---constructor\nreturn process\n---\n${runs}`, "1:4 error front-matter-language"],
	["proto.md", `---__proto__\nx\n---\n${runs}`, "1:4 error front-matter-language"],
	["to-string.md", `---toString\nx\n---\n${runs}`, "1:4 error front-matter-language"],
	["tag.md", front("title: !!js/function 'function () { return 1 }'", runs), "2:8 error front-matter-invalid"],
	["bad-yaml.md", front('title: "x\nowner: y', runs), "3:9 error front-matter-invalid"],
	["front-not-closed.md", `---\ntitle: x\n\n${runs}`, "1:1 error front-matter-invalid"],
	["key-twice.md", front("title: x\ntitle: y", runs), "3:1 error front-matter-invalid"],
	[
		"aliases.md",
		front(
			`a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f"].map((l, i) => `${l}: &${l} [${Array(9).fill(`*${"abcde"[i]}`).join(",")}]`).join("\n")}`,
			runs,
		),
		"5:14 error front-matter-limit",
	],
	["cycle.md", front("parameters: &p\n  a: *p", runs), "3:6 error front-matter-limit"],
	["deep-front.md", front(`a: ${"[".repeat(5_000)}`, runs), "2:52 error front-matter-limit"],
	["long-front.md", front(`a: ${"x".repeat(70_000)}`, runs), "2:1 error front-matter-limit"],
	["proto-key.md", front("parameters:\n  __proto__: { polluted: 1 }", runs), "3:3 error forbidden-key"],
	["preload.md", front("parameters:\n  LD_PRELOAD: { type: string }", runs), "3:3 error parameter-reserved"],
	[
		"pattern-bomb.md",
		front("parameters:\n  p: { pattern: '((((a{1000}){1000}){1000}){1000})' }", runs),
		"3:18 error parameter-invalid",
	],
	["look-behind.md", front("parameters:\n  p: { pattern: '(?<=a)b' }", runs), "3:18 error parameter-invalid"],
	["bad-pattern.md", fence(`sh {"name":"a","expect":"output.matches('(a')"}`), "1:44 error expression-invalid"],
	["bad-cel.md", fence('sh {"name":"a","expect":"exitCode == "}'), "1:41 error expression-invalid"],
	["foreign-name.md", fence('sh {"name":"a","when":"process.exit()"}'), "1:27 error expression-invalid"],
	[
		"deep-cel.md",
		fence(`sh {"name":"a","expect":"${"(".repeat(500)}true${")".repeat(500)}"}`),
		"1:129 error expression-invalid",
	],
	["long-cel.md", fence(`sh {"name":"a","expect":"${"true || ".repeat(600)}true"}`), "1:29 error expression-invalid"],
	[
		"not-closed.md",
		`# Tidy up\n\n\`\`\`sh {"name":"look"}\ndf\n\n\`\`\`sh {"name":"go"}\ntouch $TRACE\n`,
		"3:1 error step-unclosed",
	],
	["name-twice.md", `${fence('sh {"name":"a"}')}${fence('sh {"name":"a"}')}`, "4:16 error step-name-duplicate"],
	["misspelt.md", fence('sh {"name":"a","exepct":"true"}'), "1:20 error misspelt-attribute"],
	["unknown-attribute.md", fence('sh {"name":"a","frobnicate":"1"}'), "1:20 warning unknown-attribute"],
	["nested-attributes.md", fence('sh {"name":{"a":1}}'), "1:8 error attributes-invalid"],
	[
		"cyclic-values.md",
		`${fence('sh {"name":"a","capture":"x=output"}', "echo {{y}}")}${fence('sh {"name":"b","capture":"y=output"}', "echo {{x}}")}`,
		"2:6 warning value-missing",
	],
	["many-steps.md", fence("sh").repeat(1_005), "3001:1 error runbook-too-many-steps"],
	[
		"deep-lists.md",
		Array.from({ length: 130 }, (_, i) => `${"  ".repeat(i)}- x`).join("\n"),
		"49:1 error runbook-too-deep",
	],
	["long-paragraph.md", `# A\n\n${"![".repeat(40_000)}`, "3:1 error runbook-too-large"],
	["large.md", `# A\n${"x\n\n".repeat(400_000)}`, "1:1 error runbook-too-large"],
	["nul.md", `# A\n\n${fence("sh", "echo a\0b")}`, "4:7 error runbook-not-text"],
	["utf-16.md", Buffer.from("# A\n", "utf16le"), "1:2 error runbook-not-text"],
	["latin-1.md", Buffer.from("# A\n\nna\xefve\n", "latin1"), "3:1 error runbook-not-text"],
	["turned.md", fence("sh", "ls\necho a\u202Eb"), "3:7 error bidi-characters"],
	["outside.md", "![x](../../../../etc/shadow.png)\n", "1:1 warning link-blocked"],
	["outside-encoded.md", "![x](%2e%2e/%2e%2e/x.png)\n", "1:1 warning link-blocked"],
	["script.md", "[x](javascript:alert(1))\n", "1:1 warning link-blocked"],
];

beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), "runledger-hostile-"));
	await mkdir(join(root, "books"));
	for (const [file, bytes] of fixtures) await writeFile(join(root, "books", file), bytes);
	await writeFile(join(root, "secret.md"), "# Secret\n");
	await symlink(join(root, "secret.md"), join(root, "books", "link.md"));
	await symlink(root, join(root, "books", "out"));
	await writeFile(join(root, "runledger.yaml"), "runbooks: [books]\n");
	process.env["TRACE"] = trace();
	engine = await openEngine(readConfiguration({ env: {}, cwd: root, data: join(root, "data"), kinds: targetKinds }), {
		env: { PATH: process.env["PATH"], TRACE: trace() },
		cwd: root,
		platform: process.platform,
		version: "test",
		log: pino({ level: "silent" }),
	});
});

afterAll(async () => {
	delete process.env["TRACE"];
	await engine.close("test");
	await rm(root, { recursive: true, force: true });
});

const alice = callerNamed("alice");
const open = (path: string) => engine.sessions.open({ path, kind: "change", values: {} }, alice);

it.each(fixtures)(
	"%s gives its problem with line and column, and one with an error opens no session",
	async (file, _bytes, told) => {
		const started = process.cpuUsage();
		const problems = await checkPaths([join(root, "books", file)], { stepTypes: Object.values(stepTypes), cwd: root });
		expect(process.cpuUsage(started).user / 1_000).toBeLessThan(3_000);
		const toldOf = (all: readonly Problem[]) =>
			all.map(({ at, severity, code }) => `${at?.line}:${at?.column} ${severity} ${code}`);
		const listed = engine.library.list().find(({ path }) => path === `books/${file}`)?.problems ?? [];
		const lines = toldOf(listed);
		// The command does not know where the library begins, so it can't tell what leads out of it.
		if (!file.startsWith("outside")) expect(toldOf(problems)).toEqual(lines);
		expect(lines[0]).toBe(told);
		expect(listed[0]?.detail.length).toBeLessThan(6_000);
		const opened = await open(`books/${file}`).then(
			() => "opened",
			(error) => (error instanceof ProblemError ? error.problem.code : String(error)),
		);
		if (told.includes("warning")) expect(opened).toBe("opened");
		else expect(opened).toMatch(/^runbook-(invalid|too-large|not-text)$/);
		expect(existsSync(trace())).toBe(false);
	},
);

describe("the library that holds them", () => {
	it("lists all of them with their problems, and nothing that a link leads out to", () => {
		const listed = engine.library.list().map(({ path }) => path.replace("books/", ""));
		expect(listed.sort()).toEqual(fixtures.map(([file]) => file).sort());
		expect(Object.prototype).not.toHaveProperty("polluted");
		console.info(`${fixtures.length} malformed or hostile runbooks`);
	});

	it.each(["books/link.md", "books/out/secret.md", "books/../secret.md", "books/%2e%2e/secret.md", "books/js.md\0.md"])(
		"%j is not found",
		async (path) => {
			await expect(open(path)).rejects.toMatchObject({ problem: { code: "runbook-not-found" } });
		},
	);
});

it("an expression that would go through millions of items is stopped, and the server answers meanwhile", async () => {
	const file = join(root, "given", "bomb.md");
	await mkdir(dirname(file));
	await writeFile(file, fence(`sh {"name":"go","expect":"${bomb(12)}"}`));
	const path = await engine.given.give(file, []);
	const session = await open(path);
	const { plan } = await engine.sessions.plan(session, "go");
	const { finished } = await engine.sessions.request(
		session,
		{ unit: "go", planDigest: plan.digest, confirmation: "key" },
		alice,
	);
	const started = performance.now();
	const { outcome, runs } = await finished;
	expect(performance.now() - started).toBeLessThan(5_000);
	expect(outcome).toBe("failed");
	expect(runs[0]?.problem?.content).toContain("it goes through more than 100000 items");
});

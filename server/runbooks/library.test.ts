import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ProblemError } from "../../core/problem.ts";
import { stepTypes } from "../../steps/index.ts";
import { checkPaths } from "./check.ts";
import { type Library, type LibraryChange, openLibrary } from "./library.ts";
import { resolveRunbookFile } from "./runbook-folder.ts";

const types = Object.values(stepTypes);
let root: string;
let folder: string;
let library: Library | null;

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "runbooks-"));
	folder = join(root, "inside");
	library = null;
	await mkdir(join(folder, "deep", "pictures"), { recursive: true });
	await mkdir(join(folder, ".git"));
	await writeFile(join(folder, "one.md"), "# One\n\n```sh\ntrue\n```\n");
	await writeFile(join(folder, "deep", "two.md"), "# Two\n");
	await writeFile(join(folder, "deep", "pictures", "a b.png"), "png");
	await writeFile(join(folder, ".git", "three.md"), "# Three\n");
	await writeFile(join(root, "secret.md"), "# Secret\n");
	await writeFile(join(root, "secret.png"), "png");
	await symlink(join(root, "secret.md"), join(folder, "link.md"));
	await symlink(join(root, "secret.png"), join(folder, "link.png"));
	await symlink(root, join(folder, "out"));
	await symlink(join(folder, "one.md"), join(folder, "deep", "same.md"));
});

afterEach(async () => {
	await library?.close();
	await rm(root, { recursive: true, force: true });
});

const open = async () => {
	library = openLibrary({ folders: [{ name: "lib", folder }], stepTypes: types });
	await library.scanned;
	return library;
};

describe("the library", () => {
	test("lists Markdown below its folders, and nothing that a link leads out to", async () => {
		expect((await open()).list().map((r) => [r.path, r.title])).toEqual([
			["lib/deep/same.md", "One"],
			["lib/deep/two.md", "Two"],
			["lib/one.md", "One"],
		]);
	});

	test("a named pipe is neither read nor listed, and nobody waits for what might be written into it", async () => {
		execFileSync("mkfifo", [join(folder, "pipe.md"), join(folder, "pipe.png")]);
		expect((await open()).list().map(({ path }) => path)).not.toContain("lib/pipe.md");
		await expect(library?.open("lib/pipe.md")).rejects.toThrow(ProblemError);
		expect(await library?.file("lib/one.md", "pipe.png")).toBeNull();
	});

	test("a file that is nested too deeply, or that the parser stumbles over, is listed with its problem", async () => {
		await writeFile(join(folder, "deep.md"), `# Deep\n\n\`\`\`sh\necho ${"$(".repeat(20_000)}\n\`\`\`\n`);
		const stumbles = { ...stepTypes.note, parse: () => [].reduce((a) => a) };
		await writeFile(join(folder, "broken.md"), "# Broken\n\n```note\nhello\n```\n");
		library = openLibrary({ folders: [{ name: "lib", folder }], stepTypes: [stepTypes.shell, stumbles] });
		await library.scanned;
		const listed = new Map(library.list().map((runbook) => [runbook.path, runbook]));
		const at = (line: number, column: number) => ({ file: expect.any(String), line, column });
		expect(listed.get("lib/deep.md")).toMatchObject({
			title: "Deep",
			problems: [{ code: "runbook-too-deep", at: at(4, 208) }],
		});
		expect(listed.get("lib/broken.md")?.problems).toMatchObject([{ code: "internal", at: at(1, 1) }]);
		expect((await library.open("lib/broken.md")).source).toContain("# Broken");
	});

	test("opens a runbook with its source", async () => {
		const { runbook, source } = await (await open()).open("lib/one.md");
		expect(source).toContain("# One");
		expect(runbook).toMatchObject({ path: "lib/one.md", title: "One", steps: [{ name: "one", type: "shell" }] });
	});

	test.each([
		"lib/../secret.md",
		"lib/deep/../../../secret.md",
		"lib/%2e%2e/secret.md",
		"lib/link.md",
		"lib/out/secret.md",
		"lib/.git/three.md",
		"lib//etc/passwd",
		"/etc/passwd",
		"lib/one.md\0.md",
		"lib\\..\\secret.md",
		"lib/deep",
		"lib",
		"other/one.md",
		"",
	])("%j is not found", async (path) => {
		const opened = await open();
		await expect(opened.open(path)).rejects.toMatchObject({ problem: { code: "runbook-not-found" } });
	});

	test("says what has changed: new, different, gone, and nothing for a touch", async () => {
		const opened = await open();
		const seen: LibraryChange[] = [];
		opened.onChange((changes) => seen.push(...changes));
		await writeFile(join(folder, "new.md"), "# New\n");
		await expect.poll(() => seen.map((c) => c.path)).toEqual(["lib/new.md"]);
		// The way editors write: another file is moved over the old one.
		await writeFile(join(folder, "one.tmp"), "# Another one\n");
		await rename(join(folder, "one.tmp"), join(folder, "one.md"));
		await expect.poll(() => seen.some((c) => c.path === "lib/one.md")).toBe(true);
		expect(opened.list().find((r) => r.path === "lib/one.md")?.title).toBe("Another one");
		await rm(join(folder, "new.md"));
		await expect.poll(() => seen.find((c) => c.path === "lib/new.md" && c.digest === null)).toBeDefined();
		expect(opened.list().some((r) => r.path === "lib/new.md")).toBe(false);
		const before = seen.length;
		await writeFile(join(folder, "deep", "two.md"), "# Two\n");
		await new Promise((resolve) => setTimeout(resolve, 400));
		expect(seen.length).toBe(before);
	});

	test("a folder that was moved away and back is listed and watched again, however fast that went", async () => {
		const opened = await open();
		const names = () => opened.list().map(({ path }) => path);
		await rename(folder, `${folder}.old`);
		await expect.poll(names, { timeout: 30_000 }).toEqual([]);
		await rename(`${folder}.old`, folder);
		await expect.poll(names, { timeout: 30_000 }).toContain("lib/one.md");
		await rename(folder, `${folder}.old`);
		await rename(`${folder}.old`, folder);
		await writeFile(join(folder, "new.md"), "# New\n");
		await expect.poll(names, { timeout: 30_000 }).toContain("lib/new.md");
	}, 100_000);

	test("a folder whose link is led elsewhere shows what stands there now", async () => {
		const [first, second, link] = [join(root, "1"), join(root, "2"), join(root, "current")];
		for (const [at, name] of [
			[first, "old"],
			[second, "new"],
		] as const) {
			await mkdir(at);
			await writeFile(join(at, `${name}.md`), "# Runbook\n");
			await writeFile(join(at, "both.md"), `# Of ${name}\n`);
		}
		await symlink(first, link);
		library = openLibrary({ folders: [{ name: "lib", folder: link }], stepTypes: types });
		await library.scanned;
		const titles = () => library?.list().map(({ path, title }) => `${path} ${title}`);
		expect(titles()).toEqual(["lib/both.md Of old", "lib/old.md Runbook"]);
		const changes: LibraryChange[] = [];
		library.onChange((told) => changes.push(...told));
		await symlink(second, `${link}.next`);
		await rename(`${link}.next`, link);
		await expect.poll(titles, { timeout: 30_000 }).toEqual(["lib/both.md Of new", "lib/new.md Runbook"]);
		expect(changes.find(({ path }) => path === "lib/old.md")).toEqual({ path: "lib/old.md", digest: null });
		await writeFile(join(second, "later.md"), "# Later\n");
		await expect.poll(titles, { timeout: 30_000 }).toContain("lib/later.md Later");
	}, 100_000);

	test("a file that is too large or no text is listed with its problem and not opened", async () => {
		await writeFile(join(folder, "large.md"), "x".repeat(5 * 1024 * 1024));
		await writeFile(join(folder, "bytes.md"), new Uint8Array([0xff, 0xfe]));
		// Larger than what can be read in one go: it is not even tried.
		await writeFile(join(folder, "vast.md"), "");
		await truncate(join(folder, "vast.md"), 3 * 2 ** 30);
		const opened = await open();
		expect(opened.list().flatMap((r) => r.problems.map((p) => [r.path, p.code]))).toEqual([
			["lib/bytes.md", "runbook-not-text"],
			["lib/large.md", "runbook-too-large"],
			["lib/vast.md", "runbook-too-large"],
		]);
		await expect(opened.open("lib/large.md")).rejects.toBeInstanceOf(ProblemError);
	});

	test("what is beyond a limit of its folder is left out with a problem that names the folder and where that begins", async () => {
		const limits = { depth: 1, files: 4, names: 50, bytes: 200 };
		for (const name of ["a", "b"]) await mkdir(join(folder, "deep", "er", name), { recursive: true });
		for (let i = 0; i < 5; i++) await writeFile(join(folder, `p${i}.md`), "# P\n");
		library = openLibrary({ folders: [{ name: "lib", folder }], stepTypes: types, folderLimits: limits });
		await library.scanned;
		const told = (opened: Library) => opened.problems().map(({ code, detail }) => `${code} ${detail}`);
		expect(library.list().map(({ path }) => path)).toEqual([
			"lib/deep/same.md",
			"lib/deep/two.md",
			"lib/one.md",
			"lib/p0.md",
		]);
		expect(told(library)).toEqual([
			`library-too-large \`${folder}\` holds more than 4 Markdown files: 4 left out, from \`p1.md\` on.`,
			`library-too-large \`${folder}\` holds folders more than 1 levels deep: 2 left out, the first is \`deep/er\`.`,
		]);
		expect((await checkPaths([folder], { stepTypes: types, cwd: root })).map(({ code }) => code)).toEqual([]);
		// What comes later has no more room than what was there.
		const opened = library;
		await writeFile(join(folder, "q.md"), "# Q\n");
		await expect.poll(() => told(opened).at(-1)).toContain("`q.md` is left out");
		expect(opened.list()).toHaveLength(4);
		// A flood of them is told once, and a few that came later.
		const came = new Set<string>();
		opened.onChange((changes) => {
			for (const { path } of changes) came.add(path);
		});
		for (let i = 0; i < 30; i++) await writeFile(join(folder, `r${i}.md`), "# R\n");
		await expect.poll(() => came.size, { timeout: 20_000 }).toBe(30);
		expect(opened.problems()).toHaveLength(20);
		await opened.close();

		library = openLibrary({
			folders: [{ name: "lib", folder }],
			stepTypes: types,
			folderLimits: { ...limits, bytes: 50 },
		});
		await library.scanned;
		expect(told(library).at(-1)).toMatch(/MiB of Markdown: \d+ left out, from `p0.md` on\.$/);
		await library.close();

		library = openLibrary({
			folders: [{ name: "lib", folder }],
			stepTypes: types,
			folderLimits: { ...limits, names: 3 },
		});
		await library.scanned;
		expect(told(library)[0]).toContain("more than 3 files and folders: from");
	});

	test("reading a runbook writes nothing", async () => {
		const { statSync } = await import("node:fs");
		const before = statSync(join(folder, "one.md")).mtimeMs;
		await (await open()).open("lib/one.md");
		expect(statSync(join(folder, "one.md")).mtimeMs).toBe(before);
	});
});

describe("pictures of a runbook", () => {
	const find = (runbook: string, file: string) => resolveRunbookFile([{ name: "lib", folder }], runbook, file);

	test("are found beside it", async () => {
		expect(await find("lib/deep/two.md", "pictures/a b.png")).toContain("a b.png");
		expect(await find("lib/deep/two.md", "./pictures/../pictures/a b.png")).toContain("a b.png");
		expect(await find("lib/one.md", "deep/pictures/a b.png")).toContain("a b.png");
	});

	test.each([
		["lib/one.md", "../secret.png"],
		["lib/deep/two.md", "../../secret.png"],
		["lib/deep/two.md", "pictures/../../../secret.png"],
		["lib/one.md", "%2e%2e/secret.png"],
		["lib/one.md", "..%2fsecret.png"],
		["lib/one.md", "link.png"],
		["lib/one.md", "out/secret.png"],
		["lib/one.md", "/etc/secret.png"],
		["lib/one.md", "deep/pictures/a b.png\0.png"],
		["lib/one.md", "..\\secret.png"],
		["lib/one.md", "one.md"],
		["lib/one.md", "deep/pictures"],
		["lib/../one.md", "secret.png"],
		["other/one.md", "deep/pictures/a b.png"],
	])("%j: %j is not there", async (runbook, file) => {
		expect(await find(runbook, file)).toBeNull();
	});
});

describe("check", () => {
	test("takes files and folders, and says what is not there", async () => {
		await writeFile(join(folder, "wrong.md"), '```sh {"type":"nothing"}\n```\n');
		const problems = await checkPaths([join(folder, "wrong.md"), folder, join(root, "nowhere")], {
			stepTypes: types,
			cwd: root,
		});
		expect(problems.map((p) => [p.at?.file.slice(root.length + 1), p.at?.line, p.code])).toEqual([
			["inside/wrong.md", 1, "unknown-type"],
			["inside/wrong.md", 1, "unknown-type"],
			["nowhere", 1, "runbook-not-found"],
		]);
	});

	test("gives one answer for a path, however it is spelled", async () => {
		const text = "# A\n\n![in](img/dash.png) [other](other.md)\n![far](https://x.y/z.png)\n![out](../../outside.png)\n";
		await writeFile(join(folder, "nginx.md"), text);
		await rm(join(folder, "deep"), { recursive: true });
		const told = async (path: string, cwd: string) => {
			const previous = process.cwd();
			process.chdir(cwd);
			try {
				const problems = await checkPaths([path], { stepTypes: types, cwd });
				return problems.map(({ at, detail }) => `${at?.line}:${at?.column} ${detail}`);
			} finally {
				process.chdir(previous);
			}
		};
		const wanted = [
			"4:1 The picture `https://x.y/z.png` is not loaded.",
			"5:1 The picture `../../outside.png` is not loaded.",
		];
		expect(await told("nginx.md", folder)).toEqual(wanted);
		expect(await told("./nginx.md", folder)).toEqual(wanted);
		expect(await told(".", folder)).toEqual(wanted);
		expect(await told("inside/nginx.md", root)).toEqual(wanted);
		expect(await told("inside", root)).toEqual(wanted);
		expect(await told("../inside/nginx.md", folder)).toEqual(wanted);
		expect(await told(join(folder, "nginx.md"), root)).toEqual(wanted);
	});

	test("a cluster that a step names is unknown where the configuration has none of its name", async () => {
		const steps = ["nowhere.master", "here.master", "{{cluster}}.master"].map(
			(target) => `\`\`\`redis {"target":"${target}"}\nPING\n\`\`\`\n`,
		);
		const front = "---\nparameters:\n  cluster: { type: target, kind: redis }\n---\n";
		await writeFile(join(folder, "targets.md"), front + steps.join("\n"));
		const options = { stepTypes: types, cwd: root };
		const paths = [join(folder, "targets.md")];
		expect(await checkPaths(paths, options)).toEqual([]);
		expect(await checkPaths(paths, { ...options, isTarget: (name) => name === "here" })).toMatchObject([
			{ code: "target-unknown", severity: "error", at: { line: 5, column: 21 } },
		]);
	});
});

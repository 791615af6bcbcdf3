import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readConfiguration } from "../../server/config.ts";
import { type Engine, openEngine } from "../../server/engine.ts";
import { verifyPath } from "../../server/records/verify.ts";
import { targetKinds } from "../../targets/index.ts";
import { callerNamed } from "../support/open-test-sessions.ts";

const alice = callerNamed("alice");
const path = "books/greeting.md";
const source = (word: string) =>
	`# Greeting\n\n\`\`\`sh {"name":"greet","expect":"output.contains('${word}')"}\necho ${word}\n\`\`\`\n`;
const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");

let root: string;
let file: string;
let engine: Engine;

const start = () =>
	openEngine(readConfiguration({ env: {}, cwd: root, data: join(root, "data"), kinds: targetKinds }), {
		env: { PATH: process.env["PATH"] },
		cwd: root,
		platform: process.platform,
		version: "test",
		log: pino({ level: "silent" }),
	});

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "runledger-library-"));
	file = join(root, "books", "greeting.md");
	await mkdir(join(root, "books"));
	await writeFile(file, source("hello"));
	await writeFile(join(root, "runledger.yaml"), "runbooks: [books]\n");
	engine = await start();
});

afterEach(async () => {
	await engine.close("test");
	await rm(root, { recursive: true, force: true });
});

const open = () => engine.sessions.open({ path, kind: "change", values: {} }, alice);
const changed = (session: string) => engine.sessions.state(session).runbookChanged;

async function run(session: string) {
	const { plan, confirmation } = await engine.sessions.plan(session, "greet");
	const asked = {
		unit: "greet",
		planDigest: plan.digest,
		confirmation: confirmation === "typed" ? "key" : confirmation,
	};
	const { finished } = await engine.sessions.request(session, asked, alice);
	return { plan, outcome: (await finished).outcome };
}

it("an open session says that its file has changed, runs on with what it opened, and takes it back when the file is as it was", async () => {
	const session = await open();
	const closed = await open();
	await engine.sessions.close(closed, "resolved", "done", alice);
	expect(changed(session)).toBeUndefined();

	// The way editors write: another file is moved over the old one.
	await writeFile(`${file}.tmp`, source("goodbye"));
	await rename(`${file}.tmp`, file);
	await expect.poll(() => changed(session)).toBe(digestOf(source("goodbye")));
	expect(changed(closed)).toBeUndefined();
	const { plan, outcome } = await run(session);
	expect([plan.runbook, plan.steps[0]?.commands[0]?.text, outcome]).toEqual([
		digestOf(source("hello")),
		"echo hello",
		"succeeded",
	]);
	// A session that is opened now has the new text, and nothing to say.
	const later = await open();
	expect(engine.sessions.state(later).runbook.digest).toBe(digestOf(source("goodbye")));
	expect(changed(later)).toBeUndefined();

	await writeFile(file, source("hello"));
	await expect.poll(() => changed(session)).toBeUndefined();
	await expect.poll(() => changed(later)).toBe(digestOf(source("hello")));
	const said = engine.sessions.events(session, 0, 1_000).filter(({ type }) => type === "runbook.changed");
	expect(said.map(({ data }) => data["digest"])).toEqual([digestOf(source("goodbye")), digestOf(source("hello"))]);
});

it("an open session whose file is deleted says so, runs on, replays, and its record verifies", async () => {
	const session = await open();
	await rm(file);
	await expect.poll(() => changed(session)).toBeNull();
	await expect(open()).rejects.toMatchObject({ problem: { code: "runbook-not-found" } });
	expect((await run(session)).outcome).toBe("succeeded");
	const { runbook, state } = await engine.sessions.snapshot(session);
	expect([runbook.title, state.source?.content]).toEqual(["Greeting", source("hello")]);
	await engine.sessions.close(session, "resolved", "greeted", alice);
	const out = await engine.exportTo(session, join(root, "evidence"));
	expect(await readFile(join(out, "account.txt"), "utf8")).toContain(
		"the runbook's file is gone since the session was opened",
	);
	expect(await verifyPath(out)).toMatchObject({ ok: true, firstBad: null });
});

it("what changed while no server ran is said at the next start", async () => {
	const session = await open();
	await engine.close("test");
	await writeFile(file, source("goodbye"));
	engine = await start();
	await expect.poll(() => changed(session)).toBe(digestOf(source("goodbye")));
	await engine.close("test");
	await rm(file);
	engine = await start();
	await expect.poll(() => changed(session)).toBeNull();
});

it("a change that somebody opens before the watcher has told of it is said to the others all the same", async () => {
	const session = await open();
	await writeFile(file, source("goodbye"));
	await open();
	await expect.poll(() => changed(session)).toBe(digestOf(source("goodbye")));
});

it("runbooks are never written: not by opening, running, editing or adding a step, nor by a change on disk", async () => {
	const seen = async () =>
		Promise.all(
			(await readdir(join(root, "books"))).map(async (name) => {
				const at = join(root, "books", name);
				const { mtimeMs, ctimeMs, ino, size } = await stat(at);
				return { name, mtimeMs, ctimeMs, ino, size, digest: digestOf(await readFile(at, "utf8")) };
			}),
		);
	const before = await seen();
	const session = await open();
	await run(session);
	await engine.sessions.editStep(session, "greet", "echo hello again", "louder", alice);
	await run(session);
	await engine.sessions.addStep(session, { after: "greet", type: "shell", title: "More", body: "echo more" }, alice);
	await engine.sessions.close(session, "resolved", "done", alice);
	await delay(300);
	expect(await seen()).toEqual(before);
});

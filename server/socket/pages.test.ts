import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { RequestName } from "../../core/protocol.ts";
import type { JoinedEvent } from "../../core/session-event.ts";
import { startQuietServer } from "../../test/support/quiet-server.ts";
import { connectPage, type PageConnection, signInByLink } from "../../test/support/server-process.ts";
import type { RunningServer } from "../main.ts";

let folder: string;
let server: RunningServer;
let ann: PageConnection;
let ben: PageConnection;

const fence = "```";
const source = `---
title: Greeting
review: 30d
---

First a greeting.

${fence}sh {"name":"greet","risk":"read","expect":"output.contains('hello')"}
echo hello
${fence}

${fence}sh {"name":"slow","risk":"read"}
echo begun; sleep 30
${fence}
`;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "pages-"));
	mkdirSync(join(folder, "books"));
	writeFileSync(join(folder, "books", "greeting.md"), source);
	writeFileSync(join(folder, "runledger.yaml"), "runbooks: [books]\n");
	server = await startQuietServer(folder);
	ann = await connectPage(server.url, await signInByLink(server.url, server.signIn(), "Ann"));
	ben = await connectPage(server.url, await signInByLink(server.url, server.signIn(), "Ben"));
});

afterAll(async () => {
	ann.close();
	ben.close();
	await server.stop("test");
	rmSync(folder, { recursive: true, force: true });
});

const path = "books/greeting.md";
const open = () => ann.request("session.open", { path, kind: "change", values: {} }).then(({ session }) => session);
const typesOf = (session: string) => server.engine.sessions.events(session, 0, 5_000).map(({ type }) => type);

async function run(page: PageConnection, session: string, unit: string): Promise<string> {
	const { plan, confirmation } = await page.request("plan.read", { session, unit });
	const { runs } = await page.request("run.request", { session, unit, planDigest: plan.digest, confirmation });
	return runs[0] ?? "";
}

describe("a session between two pages", () => {
	test("both see each event as it happens, in order and without a gap", async () => {
		const session = await open();
		const { state } = await ann.request("session.watch", { session });
		const seen: JoinedEvent[] = [];
		ben.socket.on("session.events", (push: { session: string; events: JoinedEvent[] }) => {
			if (push.session === session) seen.push(...push.events);
		});
		const snapshot = await ben.request("session.watch", { session });
		expect(snapshot.runbook.title).toBe("Greeting");
		expect(snapshot.presence.map(({ name, driving }) => [name, driving])).toEqual([
			["Ann", true],
			["Ben", false],
		]);
		await run(ann, session, "greet");
		await expect.poll(() => seen.map(({ type }) => type)).toContain("run.finished");
		const after = seen.filter(({ seq }) => seq > snapshot.state.seq);
		expect(after.map(({ seq }) => seq)).toEqual(after.map((_, i) => snapshot.state.seq + 1 + i));
		expect(state.driver).toBe(snapshot.state.driver);
	});

	test("a page that asks to watch a second time still hears what happens", async () => {
		const session = await open();
		await ann.request("session.watch", { session });
		await ann.request("session.watch", { session });
		const heard = new Promise<void>((resolve) => {
			ann.socket.on("session.events", (push: { session: string }) => {
				if (push.session === session) resolve();
			});
		});
		await run(ann, session, "greet");
		await heard;
	});

	test("reading the record of an open session joins nobody, and goes on as the session does", async () => {
		const session = await open();
		const before = (await ann.request("session.watch", { session })).state.seq;
		const snapshot = await ben.request("session.watch", { session, as: "reader" });
		expect(snapshot.state.seq).toBe(before);
		expect(snapshot.presence.map(({ name }) => name)).toEqual(["Ann"]);
		const seen: JoinedEvent[] = [];
		ben.socket.on("session.events", (push: { session: string; events: JoinedEvent[] }) => {
			if (push.session === session) seen.push(...push.events);
		});
		await run(ann, session, "greet");
		await expect.poll(() => seen.map(({ type }) => type)).toContain("run.finished");
		expect(seen.map(({ type }) => type)).not.toContain("participant.joined");
	});

	test("only the driver runs; taking the baton is recorded and told to both", async () => {
		const session = await open();
		await ann.request("session.watch", { session });
		await ben.request("session.watch", { session });
		await expect(run(ben, session, "greet")).rejects.toThrow("not-driver");
		const told = new Promise<unknown>((resolve) => {
			ann.socket.on("session.presence", (push: { session: string; presence: { name: string; driving: boolean }[] }) => {
				if (push.session === session && push.presence.some((p) => p.name === "Ben" && p.driving)) resolve(push);
			});
		});
		await ben.request("session.take-baton", { session });
		await told;
		expect(typesOf(session)).toContain("baton.passed");
		await run(ben, session, "greet");
	});

	test("a request that is nested without end is refused, and the server goes on", async () => {
		const session = await open();
		await ann.request("session.watch", { session });
		let value: unknown = 0;
		for (let depth = 0; depth < 3_000; depth++) value = [value];
		await expect(ben.request("value.set", { session, name: "deep", value } as never)).rejects.toThrow("bad-request");
		expect((await ben.request("session.watch", { session })).runbook.title).toBe("Greeting");
	});

	test("text with half of a character is refused wherever it stands, and the field is named", async () => {
		const session = await open();
		await ann.request("session.watch", { session });
		const half = "a\ud83d";
		const asked: [RequestName, Record<string, unknown>, string][] = [
			["value.set", { name: "word", value: half }, "value"],
			["value.set", { name: "word", value: [{ [half]: 1 }] }, "value"],
			["value.set", { name: half, value: 1 }, "name"],
			["step.edit", { step: "greet", body: half }, "body"],
			["step.skip", { step: "greet", reason: half }, "reason"],
			["step.add", { after: null, type: "shell", title: half, body: "true" }, "title"],
			["step.add", { after: null, type: "shell", title: "More", body: half }, "body"],
			["plan.read", { unit: "greet", selection: half }, "selection"],
			["run.answer", { run: "r", answers: { text: half }, attachments: [] }, "answers"],
			["note.add", { text: half, attachments: [] }, "text"],
			["session.close", { outcome: "resolved", summary: half }, "summary"],
		];
		const before = typesOf(session).length;
		for (const [name, more, field] of asked) {
			const reply: unknown = await ann.socket.emitWithAck(name, { session, ...more });
			expect(reply, name).toMatchObject({ ok: false, problem: { code: "bad-request", data: { field } } });
		}
		expect(typesOf(session)).toHaveLength(before);
		await run(ann, session, "greet");
	});

	test("a double press runs once", async () => {
		const session = await open();
		await ann.request("session.watch", { session });
		const { plan, confirmation } = await ann.request("plan.read", { session, unit: "greet" });
		const press = { session, unit: "greet", planDigest: plan.digest, confirmation };
		const presses = await Promise.allSettled([1, 2, 3].map(() => ann.request("run.request", press)));
		expect(presses.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
	});

	test("a reload is no leaving; a page that stays away has left after a while", async () => {
		const session = await open();
		const cookie = ben.cookie;
		const one = await connectPage(server.url, cookie);
		await one.request("session.watch", { session });
		one.close();
		const two = await connectPage(server.url, cookie);
		await two.request("session.watch", { session });
		expect(typesOf(session)).not.toContain("participant.left");
		two.close();
		await expect.poll(() => typesOf(session), { timeout: 15_000, interval: 500 }).toContain("participant.left");
	});

	test("a run is cancelled only through its own session", async () => {
		const session = await open();
		const other = await open();
		await ann.request("session.watch", { session });
		const slow = await run(ann, session, "slow");
		await expect(ann.request("run.cancel", { session: other, run: slow })).rejects.toThrow("run-unknown");
		await ann.request("run.cancel", { session, run: slow });
		await expect
			.poll(() => server.engine.sessions.state(session).runs[slow]?.outcome, { timeout: 15_000 })
			.toBe("cancelled");
	});

	test("what was walked shows in the library, in the record and in its search; a step passed over makes it no passing walk", async () => {
		expect((await ann.request("library.list", {})).runbooks[0]).toMatchObject({
			path,
			lastPassedAt: null,
			stale: true,
		});
		const session = await open();
		await run(ann, session, "greet");
		await expect.poll(() => typesOf(session)).toContain("run.finished");
		await ann.request("step.skip", { session, step: "slow", reason: "not today" });
		await ann.request("session.close", { session, outcome: "resolved", summary: "Greeted." });
		const { runbooks } = await ann.request("library.list", {});
		// A step that a person passed over makes the walk no passing one.
		expect(runbooks[0]).toMatchObject({ last: { outcome: "unchecked", kind: "change", by: "Ann" }, stale: true });
		const { hits } = await ann.request("record.search", { query: "Greeting" });
		expect(hits.some((hit) => hit.session === session)).toBe(true);
		// A hit names its step as a person knows it, and a filter holds for the search as for the list.
		const found = async (filter: object) => (await ann.request("record.search", { query: "today", ...filter })).hits;
		expect(await found({})).toMatchObject([{ step: "slow", stepTitle: "Slow", where: "note" }]);
		expect(await found({ outcome: "resolved", person: "ann" })).toHaveLength(1);
		expect(await found({ outcome: "failed" })).toEqual([]);
		expect(await ann.request("record.verify", {})).toMatchObject({ ok: true });
		const { sessions } = await ann.request("record.list", { outcome: "resolved", person: "ann" });
		expect(sessions.map((summary) => summary.session)).toContain(session);
		const reads = server.engine.folder.events.read("server").filter(({ type }) => type === "access.read");
		expect(reads.map(({ data }) => data.what)).toContain("search");
	});
});

test("a secret that is searched for stands masked in the record of the search, whichever session has it", async () => {
	const secret = "looked-for-everywhere";
	writeFileSync(
		join(folder, "books", "guarded.md"),
		`---\nparameters:\n  pass: { type: secret }\n---\n\n${fence}sh {"name":"look"}\ntrue\n${fence}\n`,
	);
	const guarded = { path: "books/guarded.md", kind: "change" as const, values: { pass: secret } };
	const opened = () => ann.request("session.open", guarded).catch(() => null);
	await expect.poll(opened, { timeout: 20_000 }).not.toBeNull();
	const other = await open();
	await ann.request("record.search", { query: `is "${secret}" there` });
	await ann.request("record.search", { query: secret, session: other });
	const reads = JSON.stringify(server.engine.folder.events.read("server").filter(({ type }) => type === "access.read"));
	expect(reads).not.toContain(secret);
	expect(reads).toContain("********");
});

describe("what a page may send", () => {
	const raw = (name: string, argument: unknown) =>
		ann.socket.timeout(5_000).emitWithAck(name, argument) as Promise<unknown>;

	test("a request that does not exist, or is not of its form, is a problem that names the field", async () => {
		for (const name of ["nonsense", "__proto__", "constructor", "toString"]) {
			expect(await raw(name, {})).toMatchObject({ ok: false, problem: { code: "bad-request" } });
		}
		expect(await raw("session.open", { path, kind: "party", values: {} })).toMatchObject({
			ok: false,
			problem: { code: "bad-request", data: { field: "kind" } },
		});
		expect(await raw("session.watch", null)).toMatchObject({ ok: false, problem: { code: "bad-request" } });
		expect(await raw("session.watch", { session: "server" })).toMatchObject({ problem: { code: "session-unknown" } });
		expect(await raw("session.watch", { session: "__proto__" })).toMatchObject({
			problem: { code: "session-unknown" },
		});
	});

	test("a lab without a name is refused before it is recorded", async () => {
		for (const name of ["lab.up", "lab.down", "lab.reset", "lab.heal", "lab.fault", "lab.extend", "lab.probe"]) {
			const more = { kind: "client", node: "n", fault: "kill", seconds: 1, on: true };
			const reply = await raw(name, { ...more, name: "" });
			expect(reply, name).toMatchObject({ ok: false, problem: { code: "bad-request", data: { field: "name" } } });
		}
	});

	test("only the library's runbooks are opened, whatever their path looks like", async () => {
		for (const wrong of [
			"/etc/passwd",
			"books/../runledger.yaml",
			"books/%2e%2e/x.md",
			"books/a\0.md",
			join(folder, "books/greeting.md"),
		]) {
			await expect(ann.request("session.open", { path: wrong, kind: "change", values: {} })).rejects.toThrow(
				"runbook-not-found",
			);
		}
	});

	test("a frame beyond the limit ends the connection, and the server goes on", async () => {
		const page = await connectPage(server.url, ann.cookie);
		const gone = new Promise((resolve) => page.socket.once("disconnect", resolve));
		page.socket.emit("note.add", { text: "x".repeat(2_000_000) }, () => undefined);
		await gone;
		expect(await ann.request("me.read", {})).toMatchObject({ name: "Ann" });
	});

	test("a page that asks without end is held back", async () => {
		const page = await connectPage(server.url, ann.cookie);
		const replies = (await Promise.all(
			Array.from({ length: 600 }, () => page.socket.timeout(20_000).emitWithAck("me.read", {})),
		)) as { ok: boolean; problem?: { code: string } }[];
		expect(replies.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(400);
		expect(replies.find(({ ok }) => !ok)?.problem?.code).toBe("too-many-requests");
		page.close();
	});

	test("one sign-in has a bounded number of pages", async () => {
		const cookie = await signInByLink(server.url, server.signIn(), "Gus");
		const pages = await Promise.allSettled(Array.from({ length: 70 }, () => connectPage(server.url, cookie)));
		const connected = pages.flatMap((page) => (page.status === "fulfilled" ? [page.value] : []));
		expect(connected).toHaveLength(64);
		for (const page of connected) page.close();
	});
});

test("a page comes back as its own person only", async () => {
	const { person } = await ann.request("me.read", {});
	(await connectPage(server.url, ann.cookie, person)).close();
	await expect(connectPage(server.url, ben.cookie, person)).rejects.toThrow("somebody-else");
});

test("a watcher's keystrokes never reach the terminal", async () => {
	const session = await open();
	const slow = await run(ann, session, "slow");
	await expect.poll(() => server.engine.sessions.terminal(slow)).not.toBeNull();
	const socket = new WebSocket(`${server.url.replace("http", "ws")}/terminal`, {
		headers: { cookie: ben.cookie, origin: server.url },
	});
	await new Promise((resolve) => socket.once("open", resolve));
	socket.send(JSON.stringify({ t: "open", run: slow, offset: 0, credit: 100_000 }));
	socket.send(JSON.stringify({ t: "input", run: slow, data: "rm -rf nothing\n" }));
	await expect
		.poll(() => JSON.stringify(server.engine.folder.events.read("server")), { timeout: 5_000 })
		.toContain("not-driver");
	expect(server.engine.sessions.terminal(slow)?.outputText()).not.toContain("rm -rf");
	socket.terminate();
	await ann.request("run.cancel", { session, run: slow });
	await expect
		.poll(() => server.engine.sessions.state(session).runs[slow]?.status, { timeout: 15_000 })
		.toBe("finished");
});

test("a page whose line broke while a run ended still gets its last bytes and its end", async () => {
	const session = await open();
	const over = await run(ann, session, "greet");
	await expect.poll(() => server.engine.sessions.state(session).runs[over]?.status).toBe("finished");
	const socket = new WebSocket(`${server.url.replace("http", "ws")}/terminal`, {
		headers: { cookie: ann.cookie, origin: server.url },
	});
	await new Promise((resolve) => socket.once("open", resolve));
	const told: string[] = [];
	let bytes = 0;
	socket.on("message", (data: Buffer, isBinary: boolean) => {
		if (isBinary) bytes += data.length;
		else told.push((JSON.parse(data.toString()) as { t: string }).t);
	});
	socket.send(JSON.stringify({ t: "open", run: over, offset: 0, credit: 100_000 }));
	await expect.poll(() => told).toEqual(["opened", "end"]);
	expect(bytes).toBeGreaterThan(0);
	socket.terminate();
});

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { httpRoutes } from "../../core/protocol.ts";
import { openQuietServer, type QuietServer, startQuietServer } from "../../test/support/quiet-server.ts";
import { connectPage, signInByLink } from "../../test/support/server-process.ts";
import { viewTerminal } from "../../test/support/terminal-viewer.ts";
import { signInLifeMs } from "../access/sign-ins.ts";
import type { RunningServer } from "../main.ts";

let quiet: QuietServer;
let server: RunningServer;
let cookie: string;
const ask: QuietServer["ask"] = (...request) => quiet.ask(...request);

beforeAll(async () => {
	quiet = await openQuietServer();
	({ server, cookie } = quiet);
});

afterAll(() => quiet.close());

describe("signing in", () => {
	const form = { "content-type": "application/x-www-form-urlencoded" };
	const post = (body: string, headers: Record<string, string> = {}) =>
		ask("POST", "/sign-in", { ...form, origin: server.url, ...headers }, body);

	test("looking at the link spends nothing, the button spends it once", async () => {
		const token = new URL(server.signIn()).searchParams.get("token") ?? "";
		for (let look = 0; look < 3; look++) {
			const { status, body, headers } = await ask("GET", `/sign-in?token=${token}`, { accept: "text/html" });
			expect(status).toBe(200);
			expect(body).toContain('<form method="post" action="/sign-in">');
			expect(headers["set-cookie"]).toBeUndefined();
		}
		const first = await post(`token=${token}&name=Ben`);
		expect(first.status).toBe(303);
		const set = first.headers["set-cookie"]?.[0] ?? "";
		expect(set).toMatch(/HttpOnly/);
		expect(set).toMatch(/SameSite=Strict/);
		expect((await post(`token=${token}&name=Ben`)).status).toBe(401);
		expect((await ask("GET", `/sign-in?token=${token}`)).status).toBe(401);
	});

	test("a link that is used leads who is signed in to the library, and tells anybody else how to get a fresh one", async () => {
		const used = new URL(server.signIn());
		const mine = await signInByLink(server.url, used.href, "Ida");
		const headers = { accept: "text/html", "sec-fetch-site": "none", "sec-fetch-mode": "navigate" };
		for (const path of [used.pathname + used.search, "/sign-in?token=never-given", "/sign-in"]) {
			const { status, headers: answer } = await ask("GET", path, { ...headers, cookie: mine });
			expect(status).toBe(303);
			expect(answer.location).toBe("/");
			const stranger = await ask("GET", path, headers);
			expect(stranger.status).toBe(401);
			expect(stranger.body).toContain("<code>npx runledger signin</code>");
		}
		// A link that works is for whoever wants to go on under another name.
		const fresh = new URL(server.signIn());
		const again = await ask("GET", fresh.pathname + fresh.search, { ...headers, cookie: mine });
		expect(again.body).toContain('name="token"');
	});

	test("two presses at once sign in once", async () => {
		const token = new URL(server.signIn()).searchParams.get("token") ?? "";
		const answers = await Promise.all([1, 2, 3, 4].map(() => post(`token=${token}&name=Ben`)));
		expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
	});

	test("another site's form signs nobody in", async () => {
		const token = new URL(server.signIn()).searchParams.get("token") ?? "";
		expect((await post(`token=${token}&name=Ben`, { origin: "https://evil.example" })).status).toBe(403);
		expect((await post(`token=${token}&name=Ben`, { origin: "null" })).status).toBe(403);
		expect((await post(`token=${token}&name=Ben`)).status).toBe(303);
	});

	test.each([
		"//evil.example",
		"/\\evil.example",
		"https://evil.example",
		"/%09//evil.example",
		"/.//evil.example",
		"javascript:alert(1)",
	])("going on to %s stays on this server", async (next) => {
		const token = new URL(server.signIn()).searchParams.get("token") ?? "";
		const { headers } = await post(`token=${token}&name=Ben&next=${encodeURIComponent(next)}`);
		expect(new URL(headers.location ?? "", server.url).origin).toBe(server.url);
		expect(headers.location).toMatch(/^\/(?![/\\])/);
	});

	test("a name is visible text", async () => {
		const token = new URL(server.signIn()).searchParams.get("token") ?? "";
		for (const name of ["", "%20", "a%00b", "a%E2%80%AEb", "x".repeat(81)]) {
			expect((await post(`token=${token}&name=${name}`)).status).toBe(400);
		}
		expect((await post(`token=${token}&name=Zo%C3%AB`)).status).toBe(303);
	});

	test("signing in again gives another cookie and ends the one before", async () => {
		const before = await signInByLink(server.url, server.signIn(), "Cleo");
		const token = new URL(server.signIn()).searchParams.get("token") ?? "";
		const { headers } = await post(`token=${token}&name=Cleo`, { cookie: before });
		const after = headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
		expect(after).not.toBe(before);
		expect((await ask("GET", "/api/sessions/x/events", { cookie: before })).status).toBe(401);
		expect((await ask("GET", "/api/sessions/x/events", { cookie: after })).status).toBe(404);
	});

	test("signing out cuts the page's socket and its byte socket within a second", async () => {
		const mine = await signInByLink(server.url, server.signIn(), "Dora");
		const page = await connectPage(server.url, mine);
		let isTold = false;
		page.socket.on("signed-out", () => {
			isTold = true;
		});
		const bytes = new WebSocket(`${server.url.replace("http", "ws")}${httpRoutes.terminal}`, {
			headers: { cookie: mine, origin: server.url },
		});
		await new Promise((resolve) => bytes.once("open", resolve));
		const started = performance.now();
		const gone = Promise.all([
			new Promise((resolve) => page.socket.once("disconnect", resolve)),
			new Promise((resolve) => bytes.once("close", resolve)),
		]);
		expect((await ask("POST", "/sign-out", { cookie: mine, origin: server.url })).status).toBe(204);
		await gone;
		expect(performance.now() - started).toBeLessThan(1_000);
		expect(isTold).toBe(true);
		expect((await ask("GET", "/api/sessions/x/events", { cookie: mine })).status).toBe(401);
	});

	test("sign-ins, refusals and their ends stand in the record, without tokens and cookies", async () => {
		await expect
			.poll(() => server.engine.folder.events.read("server").map(({ type }) => type))
			.toEqual(expect.arrayContaining(["server.started", "access.signed-in", "access.refused", "access.signed-out"]));
		const told = JSON.stringify(server.engine.folder.events.read("server"));
		expect(told).toContain("Dora");
		expect(told).not.toContain(cookie.split("=")[1] ?? "no cookie");
	});

	test("wrong links from one address have to wait", async () => {
		const statuses: number[] = [];
		for (let i = 0; i < 15; i++) statuses.push((await post("token=wrong&name=Mallory")).status);
		expect(statuses.at(-1)).toBe(429);
	});
});

test("a sign-in survives a restart, its cookie is nowhere on the disk, and a link does not survive", async () => {
	const folder = await mkdtemp(join(tmpdir(), "restart-"));
	let one = await startQuietServer(folder, folder);
	try {
		const mine = await signInByLink(one.url, one.signIn(), "Fay");
		const link = one.signIn();
		await one.stop("test");
		expect(await readFile(join(folder, "access.json"), "utf8")).not.toContain(mine.split("=")[1]);
		one = await startQuietServer(folder, folder);
		const page = await connectPage(one.url, mine);
		expect(await page.request("me.read", {})).toMatchObject({ name: "Fay", assurance: "self-declared" });
		page.close();
		const moved = new URL(link);
		moved.host = new URL(one.url).host;
		await expect(signInByLink(one.url, moved.href, "Fay")).rejects.toThrow("401");
	} finally {
		await one.stop("test");
		await rm(folder, { recursive: true, force: true });
	}
});

test("a sign-in whose time is over sees and types no byte more, also before its sockets are cut", async () => {
	const folder = await mkdtemp(join(tmpdir(), "expiry-"));
	await mkdir(join(folder, "books"));
	const body = `read a; echo "typed $a"; read b; echo "typed $b"`;
	await writeFile(join(folder, "books", "typed.md"), `# T\n\n\`\`\`sh {"name":"t","risk":"read"}\n${body}\n\`\`\`\n`);
	await writeFile(join(folder, "runledger.yaml"), "runbooks: [books]\n");
	let ahead = 0;
	const one = await startQuietServer(folder, undefined, () => Date.now() + ahead);
	try {
		const { sessions } = one.engine;
		const mine = await signInByLink(one.url, one.signIn(), "Eve");
		const page = await connectPage(one.url, mine);
		const opening = { path: "books/typed.md", kind: "change" as const, values: {} };
		const { session } = await page.request("session.open", opening);
		const { plan, confirmation } = await page.request("plan.read", { session, unit: "t" });
		const asked = { session, unit: "t", planDigest: plan.digest, confirmation };
		const [run = ""] = (await page.request("run.request", asked)).runs;
		await expect.poll(() => sessions.mayInput(run, sessions.state(session).driver ?? "")).toBe(true);
		const url = `${one.url.replace("http", "ws")}${httpRoutes.terminal}`;
		const viewer = await viewTerminal({ url, run, headers: { cookie: mine, origin: one.url } });
		viewer.send({ t: "input", run, data: "before\n" });
		await viewer.until(() => viewer.bytes().includes("typed before"));
		viewer.send({ t: "close", run });
		const gone = new Promise((resolve) => viewer.socket.once("close", resolve));
		ahead = signInLifeMs;
		const told = viewer.messages.length;
		viewer.send({ t: "input", run, data: "after\n" });
		viewer.send({ t: "open", run, offset: 0, credit: 1_000 });
		await gone;
		// Nothing, when the sockets were cut first.
		expect(viewer.messages.slice(told).map(({ t }) => t)).not.toContain("opened");
		expect(sessions.terminal(run)?.outputText()).not.toContain("after");
	} finally {
		await one.stop("test");
		await rm(folder, { recursive: true, force: true });
	}
});

test("a sign-in whose time is over asks for nothing more, and its sockets are cut", async () => {
	const folder = await mkdtemp(join(tmpdir(), "expiry-"));
	let ahead = 0;
	const one = await startQuietServer(folder, folder, () => Date.now() + ahead);
	try {
		const mine = await signInByLink(one.url, one.signIn(), "Eve");
		const page = await connectPage(one.url, mine);
		const bytes = new WebSocket(`${one.url.replace("http", "ws")}${httpRoutes.terminal}`, {
			headers: { cookie: mine, origin: one.url },
		});
		await new Promise((resolve) => bytes.once("open", resolve));
		await page.request("me.read", {});
		let isTold = false;
		page.socket.on("signed-out", () => {
			isTold = true;
		});
		const gone = Promise.all([
			new Promise((resolve) => page.socket.once("disconnect", resolve)),
			new Promise((resolve) => bytes.once("close", resolve)),
		]);
		ahead = signInLifeMs;
		await expect(page.request("me.read", {})).rejects.toThrow("not-signed-in");
		await gone;
		expect(isTold).toBe(true);
	} finally {
		await one.stop("test");
		await rm(folder, { recursive: true, force: true });
	}
});

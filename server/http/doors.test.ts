import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { httpRoutes } from "../../core/protocol.ts";
import { openQuietServer, type QuietServer } from "../../test/support/quiet-server.ts";
import { signInByLink } from "../../test/support/server-process.ts";
import { openAddresses } from "../access/gate.ts";
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

/** The status of a WebSocket handshake: 101 when it is let in. */
function knock(path: string, headers: Record<string, string>): Promise<number> {
	return new Promise((resolve, reject) => {
		const socket = new WebSocket(`${server.url.replace("http", "ws")}${path}`, { headers });
		socket.once("open", () => {
			socket.terminate();
			resolve(101);
		});
		socket.once("unexpected-response", (_request, response) => {
			response.resume();
			resolve(response.statusCode ?? 0);
		});
		socket.once("error", reject);
	});
}

/** A polling connection that is alive; its posts are what is tried. */
async function livePolling(): Promise<string> {
	const { body } = await ask("GET", `${httpRoutes.socket}/?EIO=4&transport=polling`, { cookie });
	return (JSON.parse(body.slice(1)) as { sid: string }).sid;
}

/** The sid of a polling connection that has said hello: its next GET has an answer. */
async function greetedPolling(): Promise<string> {
	const sid = await livePolling();
	const path = `${httpRoutes.socket}/?EIO=4&transport=polling&sid=${sid}`;
	await ask("POST", path, { cookie, origin: server.url, "content-type": "text/plain" }, "40");
	return sid;
}

interface Door {
	name: string;
	/** What it answers to whoever may come in. */
	passed: number;
	/** A request that only reads: a browser sends no Origin with it. */
	reads?: boolean;
	/** Nobody is signed in yet who comes here. */
	needsNoCookie?: boolean;
	open(headers: Record<string, string>): Promise<number>;
}

const polling = `${httpRoutes.socket}/?EIO=4&transport=polling`;
const reading = (name: string, path: string): Door => ({
	name,
	passed: 404,
	reads: true,
	open: async (headers) => (await ask("GET", path, headers)).status,
});

const doors: Door[] = [
	{
		name: "socket.io's WebSocket",
		passed: 101,
		open: (headers) => knock(`${httpRoutes.socket}/?EIO=4&transport=websocket`, headers),
	},
	{
		name: "socket.io's WebSocket on a live connection",
		passed: 101,
		open: async (headers) =>
			knock(`${httpRoutes.socket}/?EIO=4&transport=websocket&sid=${await livePolling()}`, headers),
	},
	{
		name: "a polling GET",
		passed: 200,
		reads: true,
		open: async (headers) => (await ask("GET", polling, headers)).status,
	},
	{
		name: "a polling GET on a live connection",
		passed: 200,
		reads: true,
		open: async (headers) => (await ask("GET", `${polling}&sid=${await greetedPolling()}`, headers)).status,
	},
	{
		name: "a polling POST",
		// The engine wants a GET first; the gate stands before it.
		passed: 400,
		open: async (headers) => (await ask("POST", polling, { "content-type": "text/plain", ...headers }, "40")).status,
	},
	{
		name: "a polling POST on a live connection",
		passed: 200,
		async open(headers) {
			const path = `${polling}&sid=${await livePolling()}`;
			return (await ask("POST", path, { "content-type": "text/plain", ...headers }, "40")).status;
		},
	},
	{ name: "the byte socket", passed: 101, open: (headers) => knock(httpRoutes.terminal, headers) },
	{
		name: "the sign-in POST",
		passed: 303,
		needsNoCookie: true,
		async open(headers) {
			const token = new URL(server.signIn()).searchParams.get("token") ?? "";
			const { cookie: _, ...others } = headers;
			const form = { "content-type": "application/x-www-form-urlencoded", ...others };
			return (await ask("POST", httpRoutes.signIn, form, `token=${token}&name=Ann`)).status;
		},
	},
	{
		name: "the sign-out POST",
		passed: 204,
		async open(headers) {
			// One that may be spent: the cookie of these tests is used again.
			const mine = headers.cookie === cookie ? await signInByLink(server.url, server.signIn(), "Ann") : headers.cookie;
			return (await ask("POST", httpRoutes.signOut, { ...headers, ...(mine ? { cookie: mine } : {}) })).status;
		},
	},
	{
		name: "a POST of the page",
		passed: 415,
		open: async (headers) => (await ask("POST", httpRoutes.attachments, headers, "no picture")).status,
	},
	reading("a session's events", "/api/sessions/x/events"),
	reading("a session's export", "/api/sessions/x/export"),
	reading("a recording", "/api/sessions/x/recordings/y"),
	reading("a picture", `/api/attachments/${"0".repeat(64)}`),
	reading("a runbook's picture", "/api/runbook-files/a.md?file=b.png"),
];

describe.each(doors)("$name", ({ open, passed, reads, needsNoCookie }) => {
	const own = () => ({ cookie, ...(reads ? {} : { origin: server.url }) });

	test("opens to this server's own page with its cookie", async () => {
		expect(await open(own())).toBe(passed);
		expect(await open({ ...own(), origin: server.url, "sec-fetch-site": "same-origin" })).toBe(passed);
	});
	test("is closed to a foreign origin", async () => {
		expect(await open({ ...own(), origin: "https://evil.example" })).toBe(403);
		expect(await open({ ...own(), "sec-fetch-site": "cross-site" })).toBe(403);
	});
	test("is closed to another port of this machine", async () => {
		expect(await open({ ...own(), origin: "http://127.0.0.1:1" })).toBe(403);
		expect(await open({ ...own(), origin: "http://localhost:3000" })).toBe(403);
		expect(await open({ ...own(), "sec-fetch-site": "same-site" })).toBe(403);
	});
	test("is closed to the origin `null`", async () => {
		expect(await open({ ...own(), origin: "null" })).toBe(403);
	});
	test("is closed to a foreign host, whatever a forwarding header says", async () => {
		const { port } = new URL(server.url);
		const host = `attacker.example:${port}`;
		const rebound = { cookie, host, origin: `http://${host}`, "sec-fetch-site": "same-origin" };
		expect(await open(rebound)).toBe(421);
		expect(await open({ ...rebound, "x-forwarded-host": `127.0.0.1:${port}` })).toBe(421);
		expect(await open({ ...rebound, forwarded: `host=127.0.0.1:${port}` })).toBe(421);
	});
	test("opens through a forwarded port of this machine", async () => {
		expect(await open({ cookie, host: "localhost:9000", origin: "http://localhost:9000" })).toBe(passed);
	});
	if (!reads) {
		test("is closed without an origin", async () => {
			expect(await open({ cookie })).toBe(403);
		});
	}
	if (!needsNoCookie) {
		test("is closed without a cookie, and to one that nobody has", async () => {
			const { cookie: _, ...nobody } = own();
			expect(await open(nobody)).toBe(401);
			const name = cookie.split("=")[0] ?? "";
			for (const forged of [`${name}=${"A".repeat(43)}`, `${name}=`, `${name}=s-1`, `other=${cookie.split("=")[1]}`]) {
				expect(await open({ ...nobody, cookie: forged })).toBe(401);
			}
		});
	}
});

test("the byte socket of somebody's page opens for that person only", async () => {
	const headers = { cookie, origin: server.url };
	const { id } = server.engine.signIns.identify(cookie.slice(cookie.indexOf("=") + 1)) ?? { id: "" };
	expect(await knock(`${httpRoutes.terminal}?person=${id}`, headers)).toBe(101);
	const other = { ...headers, cookie: await signInByLink(server.url, server.signIn(), "Bea") };
	expect(await knock(`${httpRoutes.terminal}?person=${id}`, other)).toBe(403);
});

test("another sign-in can't read, post into or take over a connection, although it knows its number", async () => {
	const sid = await greetedPolling();
	const other = { cookie: await signInByLink(server.url, server.signIn(), "Eve"), origin: server.url };
	const path = `${polling}&sid=${sid}`;
	expect((await ask("GET", path, other)).status).toBe(403);
	expect((await ask("POST", path, { ...other, "content-type": "text/plain" }, "40")).status).toBe(403);
	expect(await knock(`${httpRoutes.socket}/?EIO=4&transport=websocket&sid=${sid}`, other)).toBe(403);
	expect((await ask("GET", path, { cookie })).status).toBe(200);
});

describe("plain requests", () => {
	const closed = [
		"/",
		"/sessions/x",
		"/assets/index.js",
		"/index.html",
		"/api/sessions/x/events",
		"/api/sessions/x/export",
		"/api/sessions/x/recordings/y",
		`/api/attachments/${"0".repeat(64)}`,
		"/api/runbook-files/a.md?file=b.png",
		"/socket/?EIO=4&transport=polling",
		"/API/sessions/x/events",
		"/sign-in/",
		"//sign-in",
		"/sign-out",
	];

	test.each(closed)("%s needs a sign-in", async (path) => {
		expect((await ask("GET", path)).status).toBe(401);
	});

	test("only what is listed opens without one", async () => {
		expect(openAddresses.map(({ method, path }) => `${method} ${path}`)).toEqual([
			"GET /sign-in",
			"POST /sign-in",
			"GET /sign-in.css",
			"GET /favicon.ico",
			"GET /healthz",
			"GET /metrics",
		]);
		expect((await ask("GET", "/healthz")).status).toBe(200);
		expect((await ask("GET", "/metrics")).status).toBe(200);
		expect((await ask("GET", "/sign-in.css")).status).toBe(200);
	});

	test("a browser without a sign-in is shown the way in, and comes back to where it wanted", async () => {
		const { status, headers } = await ask("GET", "/sessions/7?at=3", { accept: "text/html" });
		expect(status).toBe(303);
		expect(headers.location).toBe("/sign-in?next=%2Fsessions%2F7%3Fat%3D3");
	});

	test("every GET is closed to a foreign host", async () => {
		for (const path of ["/", "/healthz", "/metrics", "/sign-in", "/api/sessions/x/events"]) {
			const { status, body } = await ask("GET", path, { cookie, host: "attacker.example" });
			expect(status).toBe(421);
			expect(JSON.parse(body)).toMatchObject({ code: "host-refused", next: expect.stringContaining("server.hosts") });
		}
	});

	test("data is not given to another site, a page is", async () => {
		const cross = { cookie, "sec-fetch-site": "cross-site" };
		expect((await ask("GET", "/api/sessions/x/events", cross)).status).toBe(403);
		const link = { ...cross, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", accept: "text/html" };
		expect((await ask("GET", "/sessions/7", link)).status).not.toBe(403);
		expect((await ask("GET", "/api/sessions/x/export", link)).status).toBe(403);
		expect((await ask("GET", "/sessions/7", { ...link, "sec-fetch-dest": "iframe" })).status).toBe(403);
		expect((await ask("GET", "/api/sessions/x/events", { ...cross, "sec-fetch-site": "same-site" })).status).toBe(403);
		expect((await ask("GET", "/api/sessions/x/events", { ...cross, "sec-fetch-site": "same-origin" })).status).toBe(
			404,
		);
	});

	test("a link on another site arrives although the strict cookie stays behind", async () => {
		const { status, body } = await ask("GET", "/sessions/7", {
			"sec-fetch-site": "cross-site",
			"sec-fetch-mode": "navigate",
			"sec-fetch-dest": "document",
			accept: "text/html",
		});
		expect(status).toBe(200);
		expect(body).toContain(`url=/sessions/7`);
	});

	test("a refusal is a problem that names the setting which would allow it", async () => {
		const { status, headers, body } = await ask("POST", "/api/attachments", { cookie, origin: "https://ops.example" });
		expect(status).toBe(403);
		expect(headers["content-type"]).toContain("application/problem+json");
		expect(JSON.parse(body)).toMatchObject({
			code: "origin-refused",
			status: 403,
			next: "Add `https://ops.example` to `server.origins` in runledger.yaml, if it is yours.",
		});
	});

	test("no answer may be framed, sniffed or run inline scripts", async () => {
		for (const path of ["/healthz", "/sign-in?token=x", "/api/sessions/x/events"]) {
			const { headers } = await ask("GET", path, { cookie, accept: "text/html" });
			expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
			expect(headers["content-security-policy"]).toContain("script-src 'self'");
			expect(headers["content-security-policy"]).not.toMatch(/script-src[^;]*unsafe/);
			expect(headers["x-content-type-options"]).toBe("nosniff");
		}
	});

	test("a picture that is none, and one that is too large, are refused", async () => {
		const headers = { cookie, origin: server.url };
		expect((await ask("POST", "/api/attachments", headers, "<svg onload=alert(1)>")).status).toBe(415);
		expect((await ask("POST", "/api/attachments", headers, "x".repeat(11 * 2 ** 20))).status).toBe(413);
	});
});

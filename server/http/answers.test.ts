import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type ProblemCode, problemCatalogue } from "../../core/problem-catalogue.ts";
import { targetKinds } from "../../targets/index.ts";
import { plainRequest } from "../../test/support/plain-request.ts";
import { connectPage, signInByLink } from "../../test/support/server-process.ts";
import { readConfiguration } from "../config.ts";
import { type RunningServer, startServer } from "../main.ts";

const secrets = { ORDERS_PASSWORD: "pw-of-the-orders-cluster", SENTINEL_PASSWORD: "pw-of-its-sentinels" };
let folder: string;
let server: RunningServer;
let cookie: string;
/** Everything that the server's log has said. */
let logged = "";

async function start(data: string, more: { host?: string; port?: number } = {}): Promise<RunningServer> {
	const configuration = readConfiguration({ env: {}, cwd: folder, data, port: 0, ...more, kinds: targetKinds });
	return startServer(configuration, {
		env: { PATH: process.env.PATH, ...secrets },
		cwd: folder,
		platform: process.platform,
		version: "test",
		log: pino(
			{ level: "trace" },
			{
				write(line) {
					logged += line;
				},
			},
		),
	});
}

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "answers-"));
	// A cluster that nobody answers for: its secrets are read, its addresses are asked.
	await writeFile(
		join(folder, "runledger.yaml"),
		`runbooks: [.]
targets:
  orders:
    kind: redis
    environment: production
    masterName: orders
    sentinels: ["127.0.0.1:1"]
    user: runledger
    password: { env: ORDERS_PASSWORD }
    sentinelPassword: { env: SENTINEL_PASSWORD }
`,
	);
	server = await start(join(folder, "data"));
	cookie = await signInByLink(server.url, server.signIn(), "Ann");
});

afterAll(async () => {
	await server.stop("test");
	await rm(folder, { recursive: true, force: true });
});

const ask = (method: string, path: string, headers: Record<string, string> = {}, body: string | Buffer = "") =>
	plainRequest(server.url, method, path, headers, body);
const own = () => ({ cookie, origin: server.url });

describe("every answer", () => {
	const kinds: [string, () => ReturnType<typeof ask>][] = [
		["a page", () => ask("GET", "/", { cookie, accept: "text/html" })],
		["a page that wants a sign-in", () => ask("GET", "/sessions/x", { accept: "text/html" })],
		[
			"a page that is reached from another site",
			() =>
				ask("GET", "/", {
					accept: "text/html",
					"sec-fetch-site": "cross-site",
					"sec-fetch-mode": "navigate",
					"sec-fetch-dest": "document",
				}),
		],
		["the sign-in page", () => ask("GET", `/sign-in?token=${tokenOf(server.signIn())}`, { accept: "text/html" })],
		["a sign-in link that is spent", () => ask("GET", "/sign-in?token=spent", { accept: "text/html" })],
		["the sign-in's style", () => ask("GET", "/sign-in.css")],
		["a file that is not there", () => ask("GET", "/assets/gone.js", { cookie })],
		["health", () => ask("GET", "/healthz")],
		["metrics", () => ask("GET", "/metrics")],
		["data that is refused", () => ask("GET", "/api/sessions/x/events")],
		["data that is not there", () => ask("GET", "/api/sessions/x/events", { cookie })],
		["a foreign origin's refusal", () => ask("POST", "/sign-out", { cookie, origin: "https://evil.example" })],
		["a foreign host's refusal", () => ask("GET", "/", { host: "evil.example" })],
		["a path that is none", () => ask("GET", "*")],
		["a method that is none", () => ask("DELETE", "/api/sessions/x/events", own())],
		["polling", () => ask("GET", "/socket/?EIO=4&transport=polling", { cookie })],
		["polling of a connection that is gone", () => ask("GET", "/socket/?EIO=4&transport=polling&sid=gone", { cookie })],
		[
			"a body that is too large",
			() =>
				ask(
					"POST",
					"/sign-in",
					{ ...own(), "content-type": "application/x-www-form-urlencoded" },
					`token=${"x".repeat(20_000)}`,
				),
		],
		[
			"a body that can't be read",
			() =>
				ask(
					"POST",
					"/sign-in",
					{ ...own(), "content-type": "application/x-www-form-urlencoded; charset=nonsense" },
					"token=x",
				),
		],
	];

	test.each(kinds)("%s can't be framed, sniffed, or run what is not this server's", async (_name, answer) => {
		const { headers, status } = await answer();
		const policy = String(headers["content-security-policy"]);
		expect(policy, String(status)).toContain("frame-ancestors 'none'");
		expect(policy).toContain("default-src 'none'");
		expect(policy).toContain("base-uri 'none'");
		expect(policy).not.toMatch(/script-src[^;]*(unsafe|\*|https?:|data:)/);
		expect(headers["x-frame-options"]).toBe("DENY");
		expect(headers["x-content-type-options"]).toBe("nosniff");
		expect(headers["referrer-policy"]).toMatch(/^(no-referrer|same-origin)$/);
		expect(headers["x-powered-by"]).toBeUndefined();
		expect(headers["access-control-allow-origin"]).toBeUndefined();
	});

	test("an upgrade that is refused says so as a problem, and can't be framed either", async () => {
		const socket = new WebSocket(`${server.url.replace("http", "ws")}/terminal`, { headers: { origin: server.url } });
		const [response, body] = await new Promise<[import("node:http").IncomingMessage, string]>((resolve, reject) => {
			socket.once("unexpected-response", (_request, answer) => {
				let text = "";
				answer.on("data", (chunk: Buffer) => {
					text += chunk.toString();
				});
				answer.on("end", () => resolve([answer, text]));
			});
			socket.once("error", reject);
		});
		expect(response.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
		expect(response.headers["content-type"]).toContain("application/problem+json");
		expect(JSON.parse(body)).toMatchObject({ code: "not-signed-in", status: 401 });
	});
});

describe("problems", () => {
	const asked: [ProblemCode, () => ReturnType<typeof ask>][] = [
		["not-signed-in", () => ask("GET", "/api/sessions/x/events")],
		[
			"sign-in-expired",
			() =>
				ask(
					"POST",
					"/sign-in",
					{ ...own(), "content-type": "application/x-www-form-urlencoded" },
					"token=old&name=Ann",
				),
		],
		[
			"bad-request",
			() => ask("POST", "/sign-in", { ...own(), "content-type": "application/x-www-form-urlencoded" }, "name=Ann"),
		],
		["origin-refused", () => ask("POST", "/sign-out", { cookie, origin: "https://evil.example" })],
		["host-refused", () => ask("GET", "/", { host: "evil.example" })],
		["not-found", () => ask("GET", "/api/nothing", { cookie })],
		["session-unknown", () => ask("GET", "/api/sessions/x/events", { cookie })],
		["attachment-type", () => ask("POST", "/api/attachments", own(), "no picture")],
		[
			"too-large",
			() =>
				ask(
					"POST",
					"/sign-in",
					{ ...own(), "content-type": "application/x-www-form-urlencoded" },
					`token=old&name=${"x".repeat(20_000)}`,
				),
		],
		["too-large", () => ask("POST", "/api/attachments", own(), Buffer.alloc(10 * 2 ** 20 + 1))],
	];

	test.each(asked)("%s is told as RFC 9457 wants it, with a code and what to do next", async (code, answer) => {
		const { status, headers, body } = await answer();
		expect(headers["content-type"]).toBe("application/problem+json; charset=utf-8");
		expect(headers["cache-control"]).toBe("no-store");
		const told = JSON.parse(body) as Record<string, unknown>;
		expect(told).toMatchObject({
			type: `urn:runledger:problem:${code}`,
			title: problemCatalogue[code].title,
			status,
			code,
			detail: expect.stringMatching(/\S/),
			next: expect.stringMatching(/\S/),
		});
		expect(status).toBe(problemCatalogue[code].status);
		expect(body).not.toMatch(/node_modules|\/server\/|at .*:\d+:\d+/);
	});
});

test("health, metrics and the log hold nothing secret: no token, cookie, password, name or session", async () => {
	const link = server.signIn();
	const page = await connectPage(server.url, cookie);
	await page.request("library.list", {});
	await ask("GET", `/sign-in?token=${tokenOf(link)}&next=%2Fsecret-place`, { accept: "text/html" });
	await ask("GET", "/api/sessions/a-session-id/events?q=secret-words", { cookie });
	await ask("GET", `/api/sessions/x/events?token=${tokenOf(link)}`, {});
	const key = (await readFile(join(folder, "data", "key"), "utf8")).trim();
	const health = await ask("GET", "/healthz");
	const metrics = await ask("GET", "/metrics");
	page.close();
	expect(JSON.parse(health.body)).toEqual({ status: "ok", version: "test" });
	expect(metrics.body).toContain("runledger_http_requests_total");
	for (const secret of [tokenOf(link), cookie.split("=")[1] ?? "", key, ...Object.values(secrets), "secret-words"]) {
		expect(secret.length).toBeGreaterThan(8);
		for (const text of [health.body, metrics.body, logged]) expect(text).not.toContain(secret);
	}
	for (const name of ["Ann", "orders", "a-session-id", "127.0.0.1", folder]) expect(metrics.body).not.toContain(name);
});

describe("limits", () => {
	test("a request of a page beyond a megabyte is refused, by polling too", async () => {
		const { body } = await ask("GET", "/socket/?EIO=4&transport=polling", { cookie });
		const { sid } = JSON.parse(body.slice(1)) as { sid: string };
		const path = `/socket/?EIO=4&transport=polling&sid=${sid}`;
		const text = { ...own(), "content-type": "text/plain" };
		const cut = await ask("POST", path, text, `40${"x".repeat(2_000_000)}`).then(
			({ status }) => status,
			(error: NodeJS.ErrnoException) => error.code,
		);
		expect([413, "ECONNRESET", "EPIPE"]).toContain(cut);
		expect((await ask("POST", path, text, "40")).status).toBe(200);
	});

	test("headers beyond their limit, and a request that is none, end the connection", async () => {
		const { status } = await ask("GET", "/healthz", { "x-much": "x".repeat(20_000) });
		expect(status).toBe(431);
		const { hostname, port } = new URL(server.url);
		const said = await new Promise<string>((resolve, reject) => {
			let text = "";
			const socket = connect(Number(port), hostname, () => socket.write("NONSENSE\r\n\r\n"));
			socket.on("data", (chunk) => {
				text += chunk.toString();
			});
			socket.on("close", () => resolve(text));
			socket.on("error", reject);
		});
		expect(said).toContain("400 Bad Request");
		expect((await ask("GET", "/healthz")).status).toBe(200);
	});

	test("a frame on the byte socket beyond its limit ends that connection alone", async () => {
		const socket = new WebSocket(`${server.url.replace("http", "ws")}/terminal`, { headers: own() });
		await new Promise((resolve) => socket.once("open", resolve));
		const closed = new Promise<number>((resolve) => socket.once("close", resolve));
		socket.on("error", () => undefined);
		socket.send(Buffer.alloc(20_000_000));
		expect(await closed).toBeGreaterThanOrEqual(1000);
		expect((await ask("GET", "/healthz")).status).toBe(200);
	});
});

describe("where it listens", () => {
	const reaches = (host: string, port: number) =>
		new Promise<boolean>((resolve) => {
			const socket = connect(port, host);
			socket.once("connect", () => {
				socket.destroy();
				resolve(true);
			});
			socket.once("error", () => resolve(false));
		});

	test("on 127.0.0.1 alone unless told, and elsewhere it still wants its own name", async () => {
		const port = Number(new URL(server.url).port);
		expect(new URL(server.url).hostname).toBe("127.0.0.1");
		expect(await reaches("127.0.0.1", port)).toBe(true);
		expect(await reaches("127.0.0.2", port)).toBe(false);
		const open = await start(join(folder, "open"), { host: "0.0.0.0" });
		try {
			const { port: everywhere } = new URL(open.url);
			expect(await reaches("127.0.0.2", Number(everywhere))).toBe(true);
			const elsewhere = await plainRequest(`http://127.0.0.2:${everywhere}`, "GET", "/healthz");
			expect(elsewhere.status).toBe(421);
			expect(JSON.parse(elsewhere.body).next).toContain("server.hosts");
		} finally {
			await open.stop("test");
		}
	});

	test("a port that another program has is a problem with what to do, and the folder is free again", async () => {
		const port = Number(new URL(server.url).port);
		const other = join(folder, "other");
		await expect(start(other, { port })).rejects.toMatchObject({
			problem: { code: "port-unavailable", detail: expect.stringContaining(`127.0.0.1:${port}`) },
		});
		await (await start(other)).stop("test");
	});

	test("a second server on the same folder is refused: one process writes it", async () => {
		await expect(start(join(folder, "data"))).rejects.toMatchObject({ problem: { code: "record-locked" } });
		expect((await ask("GET", "/healthz")).status).toBe(200);
	});
});

function tokenOf(link: string): string {
	return new URL(link).searchParams.get("token") ?? "";
}

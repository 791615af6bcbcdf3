import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openQuietServer, type QuietServer } from "../../test/support/quiet-server.ts";
import { signInByLink } from "../../test/support/server-process.ts";

let quiet: QuietServer;

beforeAll(async () => {
	quiet = await openQuietServer();
});

afterAll(() => quiet.close());

/** Sends exactly this; gives the status of the answer. */
function send(text: string): { socket: Socket; status: Promise<number> } {
	const { hostname, port } = new URL(quiet.server.url);
	const socket = connect(Number(port), hostname);
	socket.on("error", () => undefined);
	socket.write(text);
	const status = new Promise<number>((resolve) => {
		let said = "";
		socket.on("data", (chunk: Buffer) => {
			said += chunk.toString("latin1");
			const found = /^HTTP\/1\.1 (\d{3})/.exec(said)?.[1];
			if (found !== undefined) resolve(Number(found));
		});
	});
	return { socket, status };
}

const signIn = (name: string) => signInByLink(quiet.server.url, quiet.server.signIn(), name);

/** As many pictures on their way as one person may have. */
function slowUploads(cookie: string): Socket[] {
	const { host, origin } = new URL(quiet.server.url);
	const head = `Host: ${host}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\nContent-Length: 9000000`;
	return Array.from({ length: 20 }, () => send(`POST /api/attachments HTTP/1.1\r\n${head}\r\n\r\nx`).socket);
}

/** The status that a picture which is none gets: 415 once it is let in. */
async function upload(cookie: string): Promise<number> {
	const { origin } = new URL(quiet.server.url);
	return (await quiet.ask("POST", "/api/attachments", { cookie, origin }, "no picture")).status;
}

test("an idle connection is for its client to close, or for the proxy in front: they are told that it stays for longer than a minute", async () => {
	const response = await fetch(new URL("/healthz", quiet.server.url));
	const [, seconds] = /timeout=(\d+)/.exec(response.headers.get("keep-alive") ?? "") ?? [];
	expect(Number(seconds)).toBeGreaterThan(60);
});

test("a request that names two hosts is refused, whichever comes first", async () => {
	const { host } = new URL(quiet.server.url);
	for (const [first, second] of [
		[host, "attacker.example"],
		["attacker.example", host],
		[host, host],
	]) {
		for (const upgrade of ["", "Connection: Upgrade\r\nUpgrade: websocket\r\n"]) {
			const hosts = `Host: ${first}\r\nhost: ${second}\r\n`;
			const { socket, status } = send(`GET /healthz HTTP/1.1\r\n${hosts}${upgrade}\r\n`);
			expect(await status, `${first}, ${second}`).toBe(400);
			socket.destroy();
		}
	}
});

test("a request that names another address than a path of this server is refused", async () => {
	const { host } = new URL(quiet.server.url);
	for (const address of [`http://${host}/healthz`, "http://attacker.example/healthz", "*", "healthz"]) {
		const { socket, status } = send(`GET ${address} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
		expect(await status, address).toBe(400);
		socket.destroy();
	}
});

test("pictures that never become whole are bounded for one person, and another's still come through", async () => {
	const { cookie } = quiet;
	const slow = slowUploads(cookie);
	await expect.poll(() => upload(cookie)).toBe(429);
	expect(await upload(await signIn("Ben"))).toBe(415);
	for (const socket of slow) socket.destroy();
	await expect.poll(() => upload(cookie)).toBe(415);
});

test("pictures that never become whole are bounded in all", async () => {
	const [one, two, three] = [await signIn("Cid"), await signIn("Dot"), await signIn("Eli")];
	const slow = [...slowUploads(one), ...slowUploads(two)];
	await expect.poll(() => upload(three)).toBe(429);
	for (const socket of slow) socket.destroy();
	await expect.poll(() => upload(three)).toBe(415);
});

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

test("pictures that never become whole are bounded for one person, and another's still come through", async () => {
	const { cookie, server, ask } = quiet;
	const { host, origin } = new URL(server.url);
	const slow = Array.from(
		{ length: 20 },
		() =>
			send(
				`POST /api/attachments HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\nContent-Length: 9000000\r\n\r\nx`,
			).socket,
	);
	const upload = async (who: string) =>
		(await ask("POST", "/api/attachments", { cookie: who, origin }, "no picture")).status;
	await expect.poll(() => upload(cookie)).toBe(429);
	expect(await upload(await signInByLink(server.url, server.signIn(), "Ben"))).toBe(415);
	for (const socket of slow) socket.destroy();
	await expect.poll(() => upload(cookie)).toBe(415);
});

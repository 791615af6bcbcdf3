import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { remoteDesk } from "./control-client.ts";

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "control-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each([
	["resets the connection, its request unread", true],
	["closes the connection", false],
])("a server that %s in the middle of a command is told as one that has ended, with what to do", async (_, unread) => {
	const path = join(folder, "control.sock");
	// A socket that is closed with bytes that nobody has read resets its other end.
	const server = createServer({ pauseOnConnect: unread }, (socket: Socket) => {
		socket.on("error", () => undefined);
		if (!unread) socket.once("data", () => socket.destroy());
	});
	server.listen(path);
	await once(server, "listening");
	server.on("connection", async (socket: Socket) => {
		if (!unread) return;
		await delay(100);
		socket.destroy();
	});
	const desk = remoteDesk({ path, platform: process.platform, person: { name: "alice", userAgent: "test" } });
	await expect(desk.sessions()).rejects.toMatchObject({
		problem: {
			code: "server-not-running",
			detail: expect.stringMatching(/^The server ended in the middle/),
			next: expect.stringContaining("runledger serve"),
		},
	});
	server.close();
	await once(server, "close");
});

import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LabStatus } from "../../core/lab.ts";
import { processPlatform } from "../../lab/process-platform.ts";
import { startCli } from "../../test/support/cli-process.ts";
import {
	connectPage,
	type ServerProcess,
	signInByLink,
	startServerProcess,
} from "../../test/support/server-process.ts";

/** Patience for a machine with other work; what waits for a silent supervisor without an end waits for ever. */
const patienceMs = 60_000;
let folder: string;
let data: string;
let server: ServerProcess | null;
let supervisor: number;

const start = (...args: string[]) => startCli([...args, "--data", data], folder);

/** The process that started a node: the lab's supervisor. */
function parentOf(pid: number): number {
	return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

function isSocket(fd: string): boolean {
	try {
		return readlinkSync(fd).startsWith("socket:");
	} catch {
		return false;
	}
}

beforeEach(async () => {
	server = null;
	folder = mkdtempSync(join(tmpdir(), "cli-lab-silent-"));
	data = join(folder, "data");
	const { out, err } = await start("lab", "up", "--name", "hung", "--json").ended;
	const { nodes } = JSON.parse(out || err) as LabStatus;
	supervisor = parentOf(nodes[0]?.pid ?? 0);
	process.kill(supervisor, "SIGSTOP");
}, 90_000);

afterEach(async () => {
	await server?.crash();
	await start("lab", "down", "--all").ended;
	rmSync(folder, { recursive: true, force: true });
}, 90_000);

test("a command that waits for a lab's supervisor ends at SIGTERM, and one that is left alone says which does not answer", async () => {
	const waiting = start("lab", "reset", "hung");
	// Its output, its errors, and the line to the supervisor.
	const sockets = () => {
		const fds = `/proc/${waiting.child.pid}/fd`;
		return readdirSync(fds).filter((fd) => isSocket(join(fds, fd))).length;
	};
	await expect.poll(sockets, { timeout: patienceMs, interval: 20 }).toBe(3);
	const asked = once(waiting.child, "exit");
	waiting.child.kill("SIGTERM");
	expect((await asked)[0]).toBe(143);

	const list = await start("lab", "list").ended;
	expect(list.out).toContain("hung: redis-sentinel, failed (Its supervisor does not answer");
	const heal = await start("lab", "heal", "hung").ended;
	expect(heal.err).toMatch(/^lab-silent: .+\nTake the lab down.+\n$/);
	expect(heal.code).toBe(1);
	expect((await start("lab", "down", "hung").ended).out).toBe("Down: hung.\n");
	expect(processPlatform.startTime(supervisor)).toBeNull();
	expect(readdirSync(join(data, "labs"))).toEqual([]);
}, 180_000);

test("a server whose pages watch a lab that does not answer says so to them, and ends at SIGTERM", async () => {
	server = await startServerProcess(data);
	const page = await connectPage(server.url, await signInByLink(server.url, server.signIn, "Ann"));
	const { labs } = await page.request("lab.watch", {});
	expect(labs).toMatchObject([{ name: "hung", state: "failed", isSilent: true }]);
	await expect(page.request("lab.heal", { name: "hung" })).rejects.toThrow("lab-silent");
	const stopped = once(server.child, "exit");
	server.child.kill("SIGTERM");
	const late = setTimeout(() => server?.child.kill("SIGKILL"), patienceMs);
	expect(await stopped).toEqual([0, null]);
	clearTimeout(late);
	page.close();
}, 180_000);

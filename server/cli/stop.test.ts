import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CliProcess, startCli } from "../../test/support/cli-process.ts";

let folder: string;
let data: string;
let running: CliProcess[];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "cli-stop-"));
	data = join(folder, "data");
	mkdirSync(data);
	running = [];
});
afterEach(async () => {
	for (const { child, ended } of running) {
		child.kill("SIGKILL");
		await ended;
	}
	spawnSync("umount", [data]);
	rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]): CliProcess {
	const started = startCli([...args, "--data", data], folder);
	running.push(started);
	return started;
}

function isAlive(pid: number): boolean {
	try {
		return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
	} catch {
		return false;
	}
}

const mountReadOnly = (at: string) => spawnSync("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", at]).status === 0;
const tried = mkdtempSync(join(tmpdir(), "cli-stop-"));
const canMount = mountReadOnly(tried);
if (canMount) spawnSync("umount", [tried]);
rmSync(tried, { recursive: true });
if (!canMount) console.warn("Skipped: only root can make a folder read-only under a server.");

const ways: Record<string, () => void> = {
	deleted: () => rmSync(data, { recursive: true }),
	"replaced by an empty one": () => {
		rmSync(data, { recursive: true });
		mkdirSync(data);
	},
	"replaced by a file": () => {
		rmSync(data, { recursive: true });
		writeFileSync(data, "");
	},
	...(canMount
		? {
				"read-only": () => {
					// A disk can't be made so under somebody who writes: another one, which is, is put over it.
					expect(mountReadOnly(data)).toBe(true);
				},
			}
		: {}),
};

/** Patience for a machine with other work; without an end of its own a stop takes for ever. */
const patienceMs = 60_000;

describe.each(Object.entries(ways))("a data folder that is %s under a server", (_, happens) => {
	test.each([false, true])(
		"ends it on SIGTERM all the same, with 3, the reason and no process left; a step runs: %s",
		async (runs) => {
			const server = start("serve", "--port", "0", "--json");
			await expect.poll(() => server.said.out, { timeout: 30_000 }).toContain("signIn");
			const pidFile = join(folder, "pid");
			if (runs) {
				const file = join(folder, "long.md");
				const body = `trap '' INT\nsleep 1000 &\necho $! > ${pidFile}.new && mv ${pidFile}.new ${pidFile}\nwait`;
				writeFileSync(file, `# Long\n\n\`\`\`sh {"name":"long","risk":"read"}\n${body}\n\`\`\`\n`);
				start("run", file, "--yes");
				await expect.poll(() => existsSync(pidFile), { timeout: 30_000 }).toBe(true);
			}
			happens();
			const ended = once(server.child, "exit");
			server.child.kill("SIGTERM");
			const late = setTimeout(() => server.child.kill("SIGKILL"), patienceMs);
			const [code] = await ended;
			clearTimeout(late);
			const { err } = await server.ended;
			expect(code, err).toBe(3);
			expect(err).toMatch(/^record-unwritable: The record ends without its last events: .+[^.]\.$/m);
			if (runs) expect(isAlive(Number(readFileSync(pidFile, "utf8")))).toBe(false);
		},
		120_000,
	);
});

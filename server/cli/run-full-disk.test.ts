import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import type { JoinedEvent } from "../../core/session-event.ts";
import { type CliProcess, startCli } from "../../test/support/cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "cli-full-"));
const mount = (size: string) => spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]).status === 0;
const unmount = () => spawnSync("umount", [folder]);
const canMount = mount("1m");
if (canMount) unmount();
else console.warn("Skipped: only root can mount a small disk to fill.");

/** Ended and unmounted whatever a test comes to. */
const running: CliProcess[] = [];
function start(args: readonly string[], cwd: string): CliProcess {
	const started = startCli(args, cwd);
	running.push(started);
	return started;
}
afterEach(async () => {
	for (const { child, ended } of running.splice(0)) {
		child.kill("SIGKILL");
		await ended;
	}
	if (canMount) unmount();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runbook(body: string): string {
	const file = join(folder, "big.md");
	writeFileSync(file, `# Big\n\n\`\`\`sh {"name":"big","risk":"read"}\n${body}\n\`\`\`\n`);
	return file;
}

test.runIf(canMount)(
	"a disk without room for a record: nothing runs, and it ends with 3",
	async () => {
		mount("512k");
		try {
			const witness = join(tmpdir(), `witness-${process.pid}`);
			const { code, err } = await start(
				["run", runbook(`touch ${witness}`), "--yes", "--data", join(folder, "data")],
				folder,
			).ended;
			expect(code).toBe(3);
			expect(err).toMatch(/^record-unwritable: /m);
			expect(spawnSync("test", ["-e", witness]).status).toBe(1);
		} finally {
			unmount();
		}
	},
	60_000,
);

test.runIf(canMount)(
	"a disk that fills in mid-run: it says so, gives up, ends with 3, and what is there is whole",
	async () => {
		mount("12m");
		try {
			const data = join(folder, "data");
			const file = runbook("head -c 60000000 /dev/urandom | base64");
			const { code, out, err } = await start(["run", file, "--yes", "--json", "--data", data], folder).ended;
			expect(err).toMatch(/^record-unwritable: What runs is held \(ENOSPC/m);
			expect(code).toBe(3);
			const events = out
				.trimEnd()
				.split("\n")
				.map((line) => JSON.parse(line) as JoinedEvent);
			expect(events.find(({ type }) => type === "run.finished")?.data).toMatchObject({ outcome: "cancelled" });
			const asked = events.find(({ type }) => type === "run.cancel-requested");
			expect(asked?.actor.id).toBe("system");
			expect(JSON.stringify(asked?.data)).toMatch(/record could not be written \(ENOSPC.*Runledger gave up/);
			const words = JSON.stringify(events);
			expect(words).toContain("record-unwritable");
			expect(words).not.toContain("person cancelled");
			expect(events.at(-1)).toMatchObject({ type: "session.closed", data: { outcome: "abandoned" } });
			const verified = await start(["verify", data, "--json"], tmpdir()).ended;
			expect(JSON.parse(verified.out)).toMatchObject({ ok: true });
		} finally {
			unmount();
		}
	},
	90_000,
);

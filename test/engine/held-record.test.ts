import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProblemError } from "../../core/problem.ts";
import { decodeRecording, recordingBytes } from "../../core/recording.ts";
import { openDataFolder } from "../../server/records/data-folder.ts";
import type { RecordingStore } from "../../server/records/recording-store.ts";
import { verifyPath } from "../../server/records/verify.ts";
import { canMount, fillDisk, mountSmallDisk } from "../support/crash-rounds.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

const cli = new URL("../../dist/server/cli.js", import.meta.url).pathname;
const times = { now: () => Date.now(), mono: () => process.hrtime.bigint() };

function shell(name: string, body: string): string {
	return `\`\`\`sh {"name":"${name}"}\n${body}\n\`\`\`\n`;
}

async function until(what: () => boolean): Promise<void> {
	for (const end = Date.now() + 10_000; !what(); await delay(10)) {
		if (Date.now() > end) throw new Error("It did not come to pass in time.");
	}
}

async function request(bench: TestSessions, session: string, unit: string) {
	const { plan, confirmation } = await bench.sessions.plan(session, unit);
	return bench.sessions.request(session, { unit, planDigest: plan.digest, confirmation }, bench.alice);
}

describe.runIf(canMount())("a record that can't be written (needs root, to mount a small disk)", () => {
	let folder: string;
	let unmount: () => void;
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), "runledger-held-"));
		unmount = mountSmallDisk(folder, 32);
	});
	afterAll(() => {
		unmount();
		rmSync(folder, { recursive: true, force: true });
	});

	it("on a full disk holds what runs, starts nothing, and goes on to the last byte when there is room", async () => {
		const ballast = join(folder, "ballast");
		const marker = join(tmpdir(), `runledger-held-${process.pid}`);
		const bench = await openTestSessions({ at: join(folder, "full") });
		try {
			const session = await bench.open(shell("flood", "seq 3; sleep 0.5; seq 400000; echo end"));
			const another = await bench.open(shell("other", `touch ${marker}`));
			const { runs, finished } = await request(bench, session, "flood");
			const terminal = () => bench.sessions.terminal(runs[0] ?? "");
			await until(() => (terminal()?.log.end ?? 0) > 0);
			fillDisk(ballast, folder);
			await until(() => terminal()?.held !== null);
			const end = terminal()?.log.end;
			expect(terminal()?.held?.code).toBe("record-unwritable");
			expect(bench.folder.health.ok).toBe(false);
			await expect(request(bench, another, "other")).rejects.toMatchObject({ problem: { code: "record-unwritable" } });
			await delay(500);
			expect(terminal()?.log.end).toBe(end);
			expect(existsSync(marker)).toBe(false);

			rmSync(ballast);
			expect((await finished).outcome).toBe("succeeded");
			const cast = await bench.folder.recordings.read(session, runs[0] ?? "");
			const bytes = recordingBytes(decodeRecording(new TextDecoder().decode(cast)).events);
			const numbers = Array.from({ length: 400_000 }, (_, i) => `${i + 1}\r\n`).join("");
			expect(Buffer.from(bytes).toString() === `1\r\n2\r\n3\r\n${numbers}end\r\n`).toBe(true);
			await until(() => bench.folder.health.ok);
			expect((await bench.run(another, "other")).outcome).toBe("succeeded");
			expect(existsSync(marker)).toBe(true);
			expect(await verifyPath(join(folder, "full"))).toMatchObject({ ok: true });
		} finally {
			rmSync(ballast, { force: true });
			rmSync(marker, { force: true });
			await bench.close();
		}
	}, 60_000);

	it("on a full disk a step that is cancelled ends, and its end is in the record", async () => {
		const ballast = join(folder, "ballast");
		const bench = await openTestSessions({ at: join(folder, "cancelled") });
		try {
			const session = await bench.open(shell("flood", "seq 3; sleep 0.5; seq 400000"));
			const { runs, finished } = await request(bench, session, "flood");
			const run = runs[0] ?? "";
			await until(() => (bench.sessions.terminal(run)?.log.end ?? 0) > 0);
			fillDisk(ballast, folder);
			await until(() => bench.sessions.terminal(run)?.held !== null);
			await bench.sessions.cancel(session, run, bench.alice);
			expect((await finished).runs[0]).toMatchObject({
				outcome: "cancelled",
				recording: { bytes: expect.any(Number) },
			});
			expect(await verifyPath(join(folder, "cancelled"))).toMatchObject({ ok: true });
		} finally {
			rmSync(ballast, { force: true });
			await bench.close();
		}
	}, 60_000);

	it("on a read-only disk is said at once, and nothing runs", async () => {
		const disk = join(folder, "read-only");
		const marker = join(folder, "ran");
		mkdirSync(disk);
		const release = mountSmallDisk(disk, 16);
		try {
			await (await openDataFolder(join(disk, "data"), times)).close();
			execFileSync("mount", ["-o", "remount,ro", disk]);
			await expect(openDataFolder(join(disk, "data"), times)).rejects.toBeInstanceOf(ProblemError);
			const book = join(folder, "book.md");
			execFileSync("tee", [book], { input: shell("one", `touch ${marker}`) });
			const ran = spawnSync(process.execPath, [cli, "run", book, "--yes", "--data", join(disk, "data")], {
				encoding: "utf8",
			});
			expect(ran.status).toBe(3);
			expect(ran.stderr + ran.stdout).toMatch(/read-only/i);
			expect(existsSync(marker)).toBe(false);
		} finally {
			release();
		}
	}, 60_000);
});

describe("a recording", () => {
	async function withRecordings(change: (recordings: RecordingStore) => void, unit: string, source: string) {
		const folder = mkdtempSync(join(tmpdir(), "runledger-recording-"));
		const bench = await openTestSessions({ at: folder });
		try {
			change(bench.folder.recordings);
			const { finished } = await request(bench, await bench.open(source), unit);
			const ended = await finished;
			expect(await verifyPath(folder)).toMatchObject({ ok: true });
			return ended;
		} finally {
			await bench.close();
		}
	}

	it("whose last sync fails ends its run as failed, never as succeeded, and the finally of its group still runs", async () => {
		const released = join(tmpdir(), `runledger-released-${process.pid}`);
		const { outcome, runs } = await withRecordings(
			(recordings) => {
				const create = recordings.create.bind(recordings);
				recordings.create = async (session, run) => {
					const writer = await create(session, run);
					writer.seal = async () => {
						throw new ProblemError("record-unwritable", "EIO: i/o error, fdatasync");
					};
					return writer;
				};
			},
			"both",
			`\`\`\`sh {"name":"hold","group":"both","finally":"touch ${released}"}\ntrue\n\`\`\`\n\`\`\`sh {"name":"work","group":"both"}\ntrue\n\`\`\`\n`,
		);
		expect(outcome).toBe("failed");
		for (const run of runs) {
			expect(run).toMatchObject({
				outcome: "failed",
				problem: { content: expect.stringContaining("record-unwritable") },
			});
			expect(run.recording).toBeNull();
		}
		expect(existsSync(released)).toBe(true);
		rmSync(released);
	}, 30_000);

	it("that can't be begun ends its run, whose intent is in the record already, and nothing runs", async () => {
		const ran = join(tmpdir(), `runledger-ran-${process.pid}`);
		const { outcome, runs } = await withRecordings(
			(recordings) => {
				recordings.create = async () => {
					throw new ProblemError("record-unwritable", "ENOSPC: no space left on device, open");
				};
			},
			"one",
			shell("one", `touch ${ran}`),
		);
		expect(outcome).toBe("failed");
		expect(runs[0]).toMatchObject({
			outcome: "failed",
			problem: { content: expect.stringContaining("record-unwritable") },
		});
		expect(existsSync(ran)).toBe(false);
	}, 30_000);
});

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemActor } from "../../core/access.ts";
import type { JoinedEvent } from "../../core/session-event.ts";
import { bundleProgram } from "../../test/support/bundle-program.ts";
import {
	noteDraft,
	openingDraft,
	openSampleFolder,
	runDrafts,
	sampleActor,
	sampleOrigin,
	startDraft,
} from "../../test/support/sample-record.ts";
import type { DataFolder } from "./data-folder.ts";
import { verifyPath } from "./verify.ts";

const root = mkdtempSync(join(tmpdir(), "runledger-durability-"));
let program: string;

beforeAll(async () => {
	program = await bundleProgram(new URL("../../test/support/record-writer-program.ts", import.meta.url).pathname);
});

afterAll(() => {
	rmSync(dirname(program), { recursive: true, force: true });
	rmSync(root, { recursive: true, force: true });
});

/** The acknowledgements in a program's output; one that a kill has cut does not count. */
function acknowledged(output: string): { stream: string; seq: number; hash: string }[] {
	return [...output.matchAll(/^acked (\S+) (\d+) ([0-9a-f]{64})$/gm)].map(([, stream, seq, hash]) => ({
		stream: String(stream),
		seq: Number(seq),
		hash: String(hash),
	}));
}

async function expectKept(folder: string, output: string): Promise<number> {
	const acks = acknowledged(output);
	const opened = await openSampleFolder(folder);
	const missing = acks.filter(({ stream, seq, hash }) => opened.events.read(stream, seq - 1, 1)[0]?.hash !== hash);
	await opened.close();
	expect(missing).toEqual([]);
	expect(await verifyPath(folder)).toMatchObject({ ok: true });
	return acks.length;
}

describe("a writer that is killed", () => {
	test("at 10 random moments has lost no acknowledged event, and frees the folder each time", async () => {
		const folder = join(root, "killed");
		let total = 0;
		for (let round = 0; round < 10; round += 1) {
			const path = `${folder}-${round % 3}`;
			rmSync(path, { recursive: true, force: true });
			const child = spawn(process.execPath, [program, path, "4"], { stdio: ["ignore", "pipe", "inherit"] });
			const output = collect(child);
			await waitFor(() => acknowledged(output()).length > 0);
			await sleep(Math.random() * 100);
			child.kill("SIGKILL");
			await once(child, "close");
			total += await expectKept(path, output());
		}
		expect(total).toBeGreaterThan(10);
	}, 120_000);
});

const strace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
if (!strace) console.log("Not traced: strace is missing or may not trace here (apt-get install strace).");

describe.skipIf(!strace)("a writer that is traced", () => {
	test("syncs the journal after its last write to it before each acknowledgement, and a recording likewise", async () => {
		const folder = join(root, "traced");
		const trace = join(root, "trace");
		const calls = "trace=fsync,fdatasync,pwrite64,write";
		execFileSync("strace", [
			"-f",
			"-y",
			"-s",
			"64",
			"-e",
			calls,
			"-o",
			trace,
			process.execPath,
			program,
			folder,
			"1",
			"20",
			"recording",
		]);
		const { events, recordings } = unsyncedAcknowledgements(readFileSync(trace, "utf8"));
		expect(events).toEqual({ acknowledged: 20, unsynced: [] });
		expect(recordings).toEqual({ acknowledged: 20, unsynced: [] });
	}, 120_000);

	test("whose sync of the journal fails acknowledges nothing, stays closed until a probe, and opens the file anew", async () => {
		const folder = join(root, "eio");
		const journal = join(folder, "events.db-wal");
		const trace = join(root, "eio-trace");
		const args = ["-f", "-y", "-s", "64", "-P", journal, "-P", "/dev/stdout", "-o", trace];
		const inject = ["-e", "trace=fsync,fdatasync,openat,close", "-e", "inject=fsync,fdatasync:error=EIO:when=8"];
		const output = execFileSync("strace", [...args, ...inject, process.execPath, program, folder, "1", "20"], {
			encoding: "utf8",
		});
		expect(output).toMatch(/refused record-unwritable\nrefused record-unwritable\nprobe true\nacked/);
		const calls = readFileSync(trace, "utf8").split("\n");
		const failed = calls.findIndex((line) => line.includes("EIO"));
		const after = calls.slice(failed + 1).findIndex((line) => /openat\(.*events\.db-wal/.test(line));
		const synced = calls.slice(failed + 1, failed + 1 + after).filter((line) => /fsync|fdatasync/.test(line));
		expect(failed).toBeGreaterThan(-1);
		expect(after).toBeGreaterThan(-1);
		expect(synced).toEqual([]);
		await expectKept(folder, output);
	}, 60_000);

	test("whose sync of a recording fails never tries it again on the same handle", async () => {
		const folder = join(root, "eio-recording");
		const cast = join(folder, "recordings/session.run.cast");
		const trace = join(root, "eio-recording-trace");
		const inject = ["-e", "trace=fsync,fdatasync", "-e", "inject=fdatasync:error=EIO:when=3"];
		const output = execFileSync(
			"strace",
			["-f", "-y", "-P", cast, "-o", trace, ...inject, process.execPath, program, folder, "0", "6", "recording"],
			// Calls are counted by thread: one thread makes them all.
			{ encoding: "utf8", env: { ...process.env, UV_THREADPOOL_SIZE: "1" } },
		);
		expect(output.match(/synced/g)).toHaveLength(2);
		expect(output.match(/refused record-unwritable/g)).toHaveLength(4);
		expect(readFileSync(trace, "utf8").match(/fdatasync\(/g)).toHaveLength(3);
	}, 60_000);
});

const small = join(root, "small-disk");
const mounted = spawnSync("sh", ["-c", `mkdir -p ${small} && mount -t tmpfs -o size=12m tmpfs ${small}`]).status === 0;
if (!mounted) console.log("Not filled: mounting a small disk is not permitted here (needs root).");

describe.skipIf(!mounted)("a disk that is full", () => {
	const path = join(small, "data");
	const filler = join(small, "filler");
	let folder: DataFolder;

	beforeAll(async () => {
		folder = await openSampleFolder(path);
	});

	afterAll(async () => {
		await folder.close();
		execFileSync("umount", ["-l", small]);
	});

	/** Takes all room but some bytes; the reserve is not room. */
	const fillUp = (but = 0) => {
		const { bavail, bsize } = statfsSync(small);
		appendFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - but)));
	};

	const append = (draft = noteDraft("x".repeat(20_000)), actor = sampleActor) => {
		const expected = folder.events.heads().find(({ stream }) => stream === "session")?.seq ?? 0;
		return folder.events.append("session", expected, [{ actor, origin: sampleOrigin, draft }]);
	};

	test("holds the record, lets what runs be closed, keeps all that was acknowledged, and goes on when there is room", async () => {
		const told: boolean[] = [];
		folder.health.subscribe(({ ok }) => told.push(ok));
		const acked: JoinedEvent[] = [];
		const keep = async (written: Promise<JoinedEvent[]>) => acked.push(...(await written));
		await keep(append(openingDraft("session")));
		const { requested, finished } = runDrafts("run-1", 1);
		await keep(append(requested));
		await keep(append(startDraft(acked.at(-1)), systemActor));
		await keep(append());
		fillUp(300_000);
		await expect(
			(async () => {
				for (let i = 0; i < 1000; i += 1) await keep(append());
			})(),
		).rejects.toMatchObject({ problem: { code: "record-unwritable" } });
		fillUp();
		expect(acked.length).toBeGreaterThan(1);
		expect(folder.health.state).toMatchObject({ ok: false, detail: expect.stringMatching(/full/) });

		// Nothing new, also a small thing; but what must be closed is closed, out of the reserve.
		await expect(append(noteDraft("small"))).rejects.toMatchObject({ problem: { code: "record-unwritable" } });
		await keep(
			append({ type: "run.cancel-requested", data: { run: "run-1", reason: { content: "The disk is full." } } }),
		);
		await keep(append(finished, systemActor));
		await expect(append(noteDraft("small"))).rejects.toMatchObject({ problem: { code: "record-unwritable" } });
		expect(await folder.probe()).toBe(false);
		expect(folder.events.read("session").map(({ hash }) => hash)).toEqual(acked.map(({ hash }) => hash));
		expect(await verifyPath(path)).toMatchObject({ ok: true });

		rmSync(filler);
		await waitFor(() => folder.health.ok, 5000);
		await keep(append());
		expect(told).toEqual([false, true]);
		expect(folder.events.read("session").map(({ hash }) => hash)).toEqual(acked.map(({ hash }) => hash));
		expect(await verifyPath(path)).toMatchObject({ ok: true });
	}, 60_000);

	test("is started on in a held state, as long as its reserve is there", async () => {
		await folder.close();
		fillUp();
		folder = await openSampleFolder(path);
		expect(folder.health.ok).toBe(false);
		await expect(append(noteDraft("small"))).rejects.toMatchObject({ problem: { code: "record-unwritable" } });
		await append({ type: "session.recovered", data: { epoch: folder.events.epoch, openRuns: 0 } }, systemActor);
		rmSync(filler);
		await waitFor(() => folder.health.ok, 5000);
		await append();
		expect(await verifyPath(path)).toMatchObject({ ok: true });
	}, 60_000);

	test("fails an append to a recording whole, and takes the same bytes when there is room", async () => {
		const writer = await folder.recordings.create("session", "run-full");
		const line = Buffer.from(`[0.1,"o","${"y".repeat(100_000)}"]\n`);
		await writer.append(line);
		fillUp(64 * 1024);
		await expect(writer.append(line)).rejects.toMatchObject({ problem: { code: "record-unwritable" } });
		expect(writer.bytes).toBe(line.length);
		expect(await folder.recordings.size("session", "run-full")).toBe(line.length);
		expect(folder.health.ok).toBe(false);
		rmSync(filler);
		await writer.append(line);
		const sealed = await writer.seal();
		expect(sealed.bytes).toBe(2 * line.length);
		expect(await folder.recordings.recover("session", "run-full")).toEqual(sealed);
		await waitFor(() => folder.health.ok, 5000);
	}, 60_000);
});

/** Acknowledgements before which the file was written to and not synced since. */
function unsyncedAcknowledgements(trace: string) {
	const events = { acknowledged: 0, unsynced: [] as string[] };
	const recordings = { acknowledged: 0, unsynced: [] as string[] };
	const dirty = { journal: false, recording: false };
	const open = new Map<string, string>();
	for (const line of trace.split("\n")) {
		const thread = line.split(" ", 1)[0] ?? "";
		const file = line.includes("events.db-wal>") ? "journal" : line.includes(".cast>") ? "recording" : null;
		if (file && line.includes("pwrite64(")) dirty[file] = true;
		if (file && /f(data)?sync\(.*= 0$/.test(line)) dirty[file] = false;
		if (file && /f(data)?sync\(.*<unfinished/.test(line)) open.set(thread, file);
		if (/f(data)?sync resumed>.*= 0$/.test(line)) dirty[(open.get(thread) ?? "journal") as keyof typeof dirty] = false;
		if (/write\(1<.*"acked /.test(line)) {
			events.acknowledged += 1;
			if (dirty.journal) events.unsynced.push(line);
		}
		if (/write\(1<.*"synced /.test(line)) {
			recordings.acknowledged += 1;
			if (dirty.recording) recordings.unsynced.push(line);
		}
	}
	return { events, recordings };
}

function collect(child: ChildProcess): () => string {
	let output = "";
	child.stdout?.on("data", (chunk: Buffer) => {
		output += chunk.toString();
	});
	return () => output;
}

async function waitFor(condition: () => boolean, timeoutMs = 20_000): Promise<void> {
	const end = Date.now() + timeoutMs;
	while (!condition()) {
		if (Date.now() > end) throw new Error("It did not come to pass in time.");
		await sleep(5);
	}
}

import { execFile } from "node:child_process";
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { openTestSessions } from "../test/support/open-test-sessions.ts";

const call = promisify(execFile);

/**
 * Waits for the disk, one after the other, that a step can't do without: the request, the start, the recording's folder
 * and its sealed end, the finish. Groups share theirs; a single step has all of them.
 */
const waitsForDisk = 5;

/** The bound, in milliseconds above the floor. */
const allowedMs = 10;

/**
 * What a step costs beside its command: `true` from requested to finished and durable, against `bash -c true` and this
 * disk's own fsync, measured in turn in the same run. `--count N` steps, 100 unless told.
 */
export async function run(args: string[]): Promise<boolean> {
	const count = Number(args[args.indexOf("--count") + 1] ?? 100) || 100;
	const bench = await openTestSessions();
	const step: number[] = [];
	const bash: number[] = [];
	const fsync: number[] = [];
	const fd = openSync(join(bench.folder.paths.folder, "floor"), "w");
	try {
		const session = await bench.open('```sh {"name":"nothing"}\ntrue\n```\n');
		for (let i = 0; i < count + 5; i++) {
			const { plan } = await bench.sessions.plan(session, "nothing");
			const begin = performance.now();
			const { finished } = await bench.sessions.request(
				session,
				{ unit: "nothing", planDigest: plan.digest, confirmation: "none" },
				bench.alice,
			);
			const { outcome } = await finished;
			const took = performance.now() - begin;
			if (outcome !== "succeeded") throw new Error(`a step ${outcome}`);
			const bashTook = await timed(() => call("bash", ["-c", "true"]));
			const fsyncTook = await timed(async () => {
				writeSync(fd, Buffer.alloc(512, i), 0, 512, i * 512);
				fsyncSync(fd);
			});
			// The first few warm up.
			if (i >= 5) {
				step.push(took);
				bash.push(bashTook);
				fsync.push(fsyncTook);
			}
		}
	} finally {
		closeSync(fd);
		await bench.close();
	}
	const floor = median(bash) + waitsForDisk * median(fsync);
	const above = median(step) - floor;
	console.log(`steps                      ${count}`);
	console.log(`step, requested to durable ${show(step)}`);
	console.log(`bash -c true               ${show(bash)}`);
	console.log(`fsync of 512 bytes         ${show(fsync)}`);
	console.log(`floor: bash + ${waitsForDisk} fsyncs      ${floor.toFixed(2)} ms`);
	console.log(
		`above the floor            ${above.toFixed(2)} ms (at most ${allowedMs}), ratio ${(median(step) / floor).toFixed(2)}`,
	);
	return above <= allowedMs;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
	const begin = performance.now();
	await work();
	return performance.now() - begin;
}

function median(values: number[]): number {
	return quantile(values, 0.5);
}

function quantile(values: number[], q: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

function show(values: number[]): string {
	return `p50 ${median(values).toFixed(2)} ms, p99 ${quantile(values, 0.99).toFixed(2)} ms`;
}

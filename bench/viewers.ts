import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { viewRaw } from "../test/support/raw-viewer.ts";
import type { TerminalProcessReply, TerminalProcessRequest } from "../test/support/terminal-process.ts";

const MiB = 1024 * 1024;

/**
 * What viewers cost: `--megabytes N` (100 unless told) of 120-column lines by `cat`, recorded and sent to 1 and to 20
 * viewers on raw sockets, against bare node-pty that writes into a file; and what one stalled viewer adds in memory.
 * `--rounds N` (3): the median of each, all in turn in the same run.
 */
export async function run(args: string[]): Promise<boolean> {
	const option = (name: string, otherwise: number) =>
		args.includes(name) ? Number(args[args.indexOf(name) + 1]) : otherwise;
	const megabytes = option("--megabytes", 100);
	const rounds = option("--rounds", 3);
	const folder = await mkdtemp(join(tmpdir(), "viewers-"));
	try {
		const file = join(folder, "lines");
		const lines = Buffer.from(
			Array.from({ length: 1000 }, (_, i) =>
				`${String(i).padStart(6, "0")} ${"abcdefghij".repeat(12)}`.slice(0, 119),
			).join("\n"),
		);
		const block = Buffer.concat([lines, Buffer.from("\n")]);
		const count = Math.ceil((megabytes * 1e6) / block.length);
		await writeFile(file, Buffer.concat(Array.from({ length: count }, () => block)));
		const bytes = count * block.length;
		const script = `stty -opost; exec cat ${file}`;

		const plain: { ms: number; bytes: number }[] = [];
		const one: Measured[] = [];
		const twenty: Measured[] = [];
		const stalled: Measured[] = [];
		for (let i = 0; i < rounds; i++) {
			plain.push(await plainPty(join(folder, "plain"), script));
			one.push(await measure(join(folder, `one-${i}`), script, 1, false));
			twenty.push(await measure(join(folder, `twenty-${i}`), script, 20, false));
			stalled.push(await measure(join(folder, `stalled-${i}`), script, 1, true));
		}
		const floor = median(plain.map(({ ms }) => ms));
		const lost = plain.reduce((sum, run) => sum + bytes - run.bytes, 0);
		const oneMs = median(one.map(({ ms }) => ms));
		const twentyMs = median(twenty.map(({ ms }) => ms));
		const stalledMs = median(stalled.map(({ ms }) => ms));
		const added = median(stalled.map(({ rss }) => rss)) - median(one.map(({ rss }) => rss));
		const row = (name: string, ms: number, against: string) =>
			console.log(
				`${name.padEnd(34)} ${ms.toFixed(0).padStart(7)} ms ${(bytes / 1000 / ms).toFixed(0).padStart(5)} MB/s   ${against}`,
			);
		console.log(`${(bytes / 1e6).toFixed(0)} MB of 120-column lines, median of ${rounds}`);
		row("bare node-pty into a file", floor, `${lost} bytes of ${rounds} x lost`);
		row("recorded, 1 viewer", oneMs, `${(oneMs / floor).toFixed(2)} x node-pty (at most 2)`);
		row("recorded, 20 viewers", twentyMs, `${(twentyMs / oneMs).toFixed(2)} x one viewer (at most 2)`);
		row("recorded, 1 viewer and 1 stalled", stalledMs, `${(added / MiB).toFixed(1)} MiB more memory (less than 32)`);
		const seen = [...one, ...twenty, ...stalled];
		const missed = seen.reduce((sum, { missed }) => sum + missed, 0);
		const snapshots = seen.reduce((sum, { snapshots }) => sum + snapshots, 0);
		console.log(`bytes not sent to a reading viewer: ${missed}; snapshots in their place: ${snapshots}`);
		console.log(`bytes not recorded: ${seen.reduce((sum, { unrecorded }) => sum + unrecorded, 0)}`);
		return (
			oneMs <= 2 * floor &&
			twentyMs <= 2 * oneMs &&
			added < 32 * MiB &&
			seen.every(({ unrecorded }) => unrecorded === 0)
		);

		async function measure(data: string, job: string, viewers: number, withStalled: boolean): Promise<Measured> {
			const child = fork(support("terminal-process"), [data]);
			try {
				const listening = await reply(child, "listening");
				child.send({ ask: "open", run: "flood" } satisfies TerminalProcessRequest);
				await reply(child, "opened");
				const reading = await Promise.all(Array.from({ length: viewers }, () => viewRaw(listening.port, "flood")));
				const idle = withStalled ? [await viewRaw(listening.port, "flood", true)] : [];
				const begin = performance.now();
				child.send({ ask: "run", run: "flood", script: job } satisfies TerminalProcessRequest);
				const finished = await reply(child, "finished");
				await Promise.all(reading.map(({ ended }) => ended));
				const ms = performance.now() - begin;
				for (const viewer of [...reading, ...idle]) {
					viewer.close();
				}
				return {
					ms,
					rss: finished.rssHighest - finished.rssBefore,
					missed: reading.reduce((sum, viewer) => sum + bytes - viewer.bytes, 0),
					snapshots: reading.reduce((sum, viewer) => sum + viewer.snapshots, 0),
					unrecorded: bytes - finished.outputBytes,
				};
			} finally {
				child.disconnect();
				await rm(data, { recursive: true, force: true });
			}
		}
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

interface Measured {
	ms: number;
	rss: number;
	missed: number;
	snapshots: number;
	unrecorded: number;
}

async function plainPty(file: string, script: string): Promise<{ ms: number; bytes: number }> {
	const child = fork(support("plain-pty-process"), [file, script]);
	return await new Promise((resolve, reject) => {
		child.once("message", (message) => resolve(message as { ms: number; bytes: number }));
		child.once("error", reject);
	});
}

function reply<T extends TerminalProcessReply["told"]>(
	child: ChildProcess,
	told: T,
): Promise<Extract<TerminalProcessReply, { told: T }>> {
	return new Promise((resolve, reject) => {
		child.once("exit", () => reject(new Error("The terminals' process has ended.")));
		child.once("message", (message: TerminalProcessReply) => {
			if (message.told === told) {
				resolve(message as Extract<TerminalProcessReply, { told: T }>);
			} else {
				reject(new Error(`${message.told} came before ${told}.`));
			}
		});
	});
}

function support(name: string): string {
	return fileURLToPath(new URL(`../test/support/${name}.js`, import.meta.url));
}

function median(numbers: readonly number[]): number {
	return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

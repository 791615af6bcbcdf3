import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as nodePty from "node-pty";
import { decodeRecording, recordingBytes } from "../core/recording.ts";
import { FolderRecordingStore } from "../server/records/folder-recording-store.ts";
import { createByteSocket } from "../server/terminals/byte-socket.ts";
import type { RunTerminalHandle } from "../server/terminals/run-terminal.ts";
import { createScreens } from "../server/terminals/screens.ts";
import { followRuns, type RunFollower } from "../test/support/follow-runs.ts";
import { openPlainTerminal } from "../test/support/open-plain-terminal.ts";

/** A short command and the bytes that it writes. */
interface Command {
	script: string;
	written: Buffer;
}

const environment = { PATH: process.env.PATH ?? "/usr/bin:/bin", LANG: "C.UTF-8" };

/** Commands at a time: as many as a small machine has cores. */
const atOnce = 2;

/**
 * Whether a byte of a finished command is lost: `--count N` short commands, 1,000 unless told, that each end at once,
 * with no viewer, 1, 20, and a stalled one; written against recorded against what the viewers got. Beside it plain
 * node-pty with its `onData` and `onExit`.
 */
export async function run(args: string[]): Promise<boolean> {
	const count = Number(args[args.indexOf("--count") + 1] ?? 1000) || 1000;
	const folder = await mkdtemp(join(tmpdir(), "loss-"));
	try {
		const commands = await writeCommands(folder, count);
		const written = commands.reduce((sum, { written }) => sum + written.length, 0);
		console.log(`${count} commands, ${written} bytes written\n`);
		console.log("                       recorded: bytes that differ   viewers: bytes that differ   seconds");
		let fine = true;
		for (const [name, viewers, stalled] of [
			["no viewer", 0, false],
			["1 viewer", 1, false],
			["20 viewers", 20, false],
			["a stalled viewer", 1, true],
		] as const) {
			const begin = performance.now();
			const result = await recordAll(join(folder, name.replaceAll(" ", "-")), commands, viewers, stalled);
			const seconds = ((performance.now() - begin) / 1000).toFixed(1);
			console.log(
				`${name.padEnd(22)} ${String(result.recorded).padStart(28)} ${(stalled ? "-" : String(result.viewed)).padStart(28)} ${seconds.padStart(9)}`,
			);
			fine &&= result.recorded === 0 && result.viewed === 0;
		}
		const begin = performance.now();
		const { differ, short } = await plainNodePty(commands);
		const seconds = ((performance.now() - begin) / 1000).toFixed(1);
		console.log(
			`${"plain node-pty".padEnd(22)} ${String(differ).padStart(28)} ${"".padStart(28)} ${seconds.padStart(9)}`,
		);
		console.log(`\nplain node-pty lost output of ${short} of ${count} commands`);
		return fine;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** `exec`, so that the writer is the process whose end ends the run. */
async function writeCommands(folder: string, count: number): Promise<Command[]> {
	const sequence = Buffer.from(Array.from({ length: 2000 }, (_, i) => `${i + 1}\n`).join(""));
	const commands: Command[] = [];
	for (let i = 0; i < count; i++) {
		const file = join(folder, `bytes-${i}`);
		switch (i % 4) {
			case 0:
				commands.push({ script: "stty -opost; exec seq 2000", written: sequence });
				break;
			case 1: {
				const lines = randomBytes(14_850)
					.toString("base64")
					.replace(/(.{99})/g, "$1\n")
					.slice(0, 20_000);
				await writeFile(file, lines);
				commands.push({ script: `stty -opost; exec head -c 20000 ${file}`, written: Buffer.from(lines) });
				break;
			}
			case 2:
				commands.push({ script: "stty -opost; printf x", written: Buffer.from("x") });
				break;
			default: {
				const raw = randomBytes(1 + Math.floor(Math.random() * 30_000));
				await writeFile(file, raw);
				commands.push({ script: `stty -opost; exec cat ${file}`, written: raw });
			}
		}
	}
	return commands;
}

async function recordAll(
	folder: string,
	commands: readonly Command[],
	viewers: number,
	stalled: boolean,
): Promise<{ recorded: number; viewed: number }> {
	const store = await FolderRecordingStore.open(folder);
	const terminals = new Map<string, RunTerminalHandle>();
	const screens = createScreens(() => performance.now());
	const door = createByteSocket({
		terminal: (run) => terminals.get(run) ?? null,
		screens,
		monotonicMs: () => performance.now(),
		authorise: async () => ({ id: "bench", mayWatch: () => true, mayInput: () => false }),
	});
	const server = createServer().listen(0, "127.0.0.1");
	server.on("upgrade", (request, socket, head) => void door.upgrade(request, socket, head));
	await new Promise((resolve) => server.once("listening", resolve));
	const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/terminal`;
	const followers = await Promise.all(Array.from({ length: viewers }, () => followRuns(url)));
	if (stalled) {
		followers[0]!.stall();
	}
	const sum = { recorded: 0, viewed: 0 };
	let next = 0;
	const work = async () => {
		for (let i = next++; i < commands.length; i = next++) {
			const one = await recordOne(store, commands[i]!, `run-${i}`, terminals, followers, stalled);
			sum.recorded += one.recorded;
			sum.viewed += one.viewed;
		}
	};
	await Promise.all(Array.from({ length: atOnce }, work));
	for (const follower of followers) {
		follower.close();
	}
	await door.close();
	await screens.close();
	server.close();
	return sum;
}

async function recordOne(
	store: FolderRecordingStore,
	{ script, written }: Command,
	run: string,
	terminals: Map<string, RunTerminalHandle>,
	followers: readonly RunFollower[],
	stalled: boolean,
): Promise<{ recorded: number; viewed: number }> {
	const terminal = await openPlainTerminal({ session: "bench", run, recordings: store, cols: 120, rows: 40 });
	terminals.set(run, terminal);
	const views = followers.map((follower) => follower.follow(run));
	await terminal.spawn({ file: "bash", args: ["-c", script], env: environment, cwd: "/" });
	const summary = await terminal.finish(0);
	const decoded = decodeRecording(Buffer.from(await store.read("bench", run)).toString());
	const recorded = differing(recordingBytes(decoded.events), written) + Math.abs(summary.outputBytes - written.length);
	let viewed = 0;
	if (!stalled) {
		for (const view of views) {
			viewed += differing(await view, written);
		}
	}
	terminals.delete(run);
	return { recorded, viewed };
}

/** As its README shows it. */
async function plainNodePty(commands: readonly Command[]): Promise<{ differ: number; short: number }> {
	let differ = 0;
	let short = 0;
	let next = 0;
	const work = async () => {
		for (let i = next++; i < commands.length; i = next++) {
			const { script, written } = commands[i]!;
			const parts: Buffer[] = [];
			await new Promise<void>((resolve) => {
				const pty = nodePty.spawn("bash", ["-c", script], { cols: 120, rows: 40, env: environment, encoding: null });
				pty.onData((data) => parts.push(Buffer.from(data)));
				pty.onExit(() => resolve());
			});
			const missing = differing(Buffer.concat(parts), written);
			differ += missing;
			short += missing > 0 ? 1 : 0;
		}
	};
	await Promise.all(Array.from({ length: atOnce }, work));
	return { differ, short };
}

/** How many bytes differ, with those that one of the two lacks. */
function differing(one: Uint8Array, other: Uint8Array): number {
	const common = Math.min(one.length, other.length);
	let differ = Math.max(one.length, other.length) - common;
	for (let i = 0; i < common; i++) {
		differ += one[i] === other[i] ? 0 : 1;
	}
	return differ;
}

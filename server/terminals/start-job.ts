import { spawn } from "node:child_process";
import { closeSync, openSync, statSync } from "node:fs";
import type { Readable } from "node:stream";
import { ProblemError } from "../../core/problem.ts";
import type { ProcessExit, SpawnOptions } from "../../steps/step-executor.ts";
import { type ChannelCollector, collectChannel } from "./collect-channel.ts";
import { endProcesses, type Grace } from "./end-processes.ts";
import { type FoundProcess, runMarker, type TerminalPlatform } from "./platform.ts";
import { type Pty, stdioOnPty } from "./pty.ts";

/** What is still there so long after its program's exit is told as left running, milliseconds. */
const goneWithinMs = 200;

/** A process on a terminal, with all that it starts. */
interface Job {
	exited: Promise<Pick<ProcessExit, "exitCode" | "signal">>;
	channels: ChannelCollector[];
	/** Begins to end it, once. */
	end(): void;
	/** How many processes had left the group and were ended; 0 when nothing was to be ended. */
	ended(): Promise<number>;
	/** After the exit: what it has left running. Nothing once it is being ended. */
	left(): Promise<FoundProcess[]>;
}

/**
 * Starts a program on the slave side of `pty`, with `channels` pipes beside it, marked as the run's. Throws
 * `directory-gone` when its directory does not exist; a program that can't be started rejects `exited` with it.
 */
export function startJob(
	{ file, args, env, cwd, channels = 0 }: SpawnOptions,
	{ pty, run, platform, grace }: { pty: Pty; run: string; platform: TerminalPlatform; grace: Grace },
): Job {
	// The error of a spawn would name the program, not the directory.
	if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
		throw new ProblemError("directory-gone", `The directory ${cwd} does not exist.`);
	}
	const command = platform.leader(file, args);
	const devNull = openSync("/dev/null", "r+");
	let child: ReturnType<typeof spawn>;
	try {
		child = spawn(command.file, command.args, {
			cwd,
			detached: command.detached,
			env: { TERM: "xterm-256color", ...env, [runMarker]: run },
			stdio: stdioOnPty(pty, channels, devNull),
		});
	} catch (error) {
		throw (error as NodeJS.ErrnoException).code === "E2BIG" ? tooLarge(env) : error;
	} finally {
		closeSync(devNull);
	}
	const collectors = child.stdio.slice(3, 3 + channels).map((stream) => collectChannel(stream as Readable));

	let hasExited = false;
	const exited = new Promise<Pick<ProcessExit, "exitCode" | "signal">>((resolve, reject) => {
		child.once("error", (error) =>
			reject(new ProblemError("command-failed", `${file} can't be started: ${error.message}`)),
		);
		child.once("exit", (exitCode, signal) => {
			hasExited = true;
			resolve({ exitCode, signal });
		});
	});
	const belongs = (process: FoundProcess) => process.run === run || process.session === child.pid;
	let ending: Promise<number> = Promise.resolve(0);
	let isEnding = false;
	return {
		exited,
		channels: collectors,
		end() {
			const { pid } = child;
			if (isEnding || pid === undefined) {
				return;
			}
			isEnding = true;
			ending = endProcesses({
				leader: {
					pid,
					hasExited: () => hasExited,
					exited: exited.then(
						() => {},
						() => {},
					),
				},
				belongs,
				platform,
				grace,
			}).then((strays) => strays.length);
		},
		ended: () => ending,
		async left() {
			const look = async () => (isEnding ? [] : (await platform.processes(child.pid)).filter(belongs));
			const first = await look();
			if (first.length === 0) return [];
			// What ends with its step may need a moment for it.
			await new Promise((resolve) => setTimeout(resolve, goneWithinMs));
			const known = new Set(first.map(({ pid }) => pid));
			return (await look()).filter(({ pid }) => known.has(pid));
		},
	};
}

/** What the system refuses to start a program with: its limit goes by the stack's (execve(2)), so it is not known before. */
function tooLarge(env: SpawnOptions["env"]): ProblemError {
	const sizes = Object.entries(env).map(([name, value]) => ({ name, bytes: Buffer.byteLength(value) }));
	const largest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, 3);
	const named = largest.map(({ name, bytes }) => `\`${name}\` with ${bytes} bytes`).join(", ");
	const detail = `The system starts no program with so much in its environment. The largest of it: ${named}.`;
	return new ProblemError("environment-too-large", detail);
}

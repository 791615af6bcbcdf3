import type { FoundProcess, TerminalPlatform } from "./platform.ts";

/** How long each step of a cancellation waits for the next, harder one. */
export interface Grace {
	/** After SIGINT. */
	interruptMs: number;
	/** After SIGTERM. */
	terminateMs: number;
}

/** How often it is looked whether processes have gone. */
const lookMs = 25;

/** SIGKILL can't be refused; a process that still stands after this hangs in the kernel. */
const killRounds = 80;

export interface ProcessesToEnd {
	/** The leader of the group that was started; null when it is only about processes left over. */
	leader: { pid: number; hasExited(): boolean; exited: Promise<void> } | null;
	/** What else belongs to it. */
	belongs(process: FoundProcess): boolean;
	platform: TerminalPlatform;
	grace: Grace;
}

/**
 * Ends a process group and everything that has left it: SIGINT, SIGTERM, SIGKILL, each with its grace.
 * Gives the processes that had left the group and were ended.
 */
export async function endProcesses({ leader, belongs, platform, grace }: ProcessesToEnd): Promise<FoundProcess[]> {
	if (leader !== null && !leader.hasExited()) {
		signal(-leader.pid, "SIGINT");
		await Promise.race([leader.exited, delay(grace.interruptMs)]);
	}
	const strays = new Map<number, FoundProcess>();
	const remaining = async (): Promise<FoundProcess[]> => {
		const found = (await platform.processes()).filter(
			(process) => belongs(process) || (leader !== null && !leader.hasExited() && process.group === leader.pid),
		);
		for (const process of found) {
			if (process.group !== leader?.pid) {
				strays.set(process.pid, process);
			}
		}
		return found;
	};
	const sendAll = (processes: readonly FoundProcess[], name: NodeJS.Signals) => {
		// The whole group at once while its leader still holds the number; then only what was seen a moment ago.
		if (leader !== null && !leader.hasExited()) {
			signal(-leader.pid, name);
		}
		for (const process of processes) {
			signal(process.pid, name);
		}
	};

	let found = await remaining();
	if (found.length > 0) {
		sendAll(found, "SIGTERM");
		const until = performance.now() + grace.terminateMs;
		while (found.length > 0 && performance.now() < until) {
			await delay(lookMs);
			found = await remaining();
		}
		for (let round = 0; found.length > 0 && round < killRounds; round++) {
			sendAll(found, "SIGKILL");
			await delay(lookMs);
			found = await remaining();
		}
	}
	return [...strays.values()];
}

function signal(pid: number, name: NodeJS.Signals): void {
	try {
		process.kill(pid, name);
	} catch {
		// It has gone by itself, which is what is wanted.
	}
}

function delay(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

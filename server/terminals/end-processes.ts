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
 * Ends a process group and everything that has left it: SIGINT, SIGTERM, SIGKILL, each with its grace. What had left the
 * group before, was given another environment, and whose parent has ended since is not found.
 * Gives the processes that had left the group and were ended.
 */
export async function endProcesses({ leader, belongs, platform, grace }: ProcessesToEnd): Promise<FoundProcess[]> {
	const family = new Family();
	const leaderPid = () => (leader === null || leader.hasExited() ? null : leader.pid);
	if (leader !== null && !leader.hasExited()) {
		// Before the first signal: whoever has left the group, its session and the environment is known by its parents only.
		family.look(await platform.processes(), leaderPid());
		if (!leader.hasExited()) {
			signal(-leader.pid, "SIGINT");
		}
		await Promise.race([leader.exited, delay(grace.interruptMs)]);
	}
	const strays = new Map<number, FoundProcess>();
	const remaining = async (): Promise<FoundProcess[]> => {
		const all = await platform.processes();
		family.look(all, leaderPid());
		const found = all.filter(
			(process) =>
				belongs(process) ||
				family.has(process) ||
				(leader !== null && !leader.hasExited() && process.group === leader.pid),
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

/** A process' descendants, each remembered from the first look at which its parents still led to it. */
class Family {
	readonly #known = new Set<string>();

	/** `leader`: its pid while it runs; afterwards the number may be another's. */
	look(running: readonly FoundProcess[], leader: number | null): void {
		const children = new Map<number, FoundProcess[]>();
		for (const process of running) {
			const siblings = children.get(process.parent);
			if (siblings) siblings.push(process);
			else children.set(process.parent, [process]);
		}
		const next = running.filter((process) => this.has(process));
		if (leader !== null) next.push(...(children.get(leader) ?? []));
		for (let process = next.pop(); process !== undefined; process = next.pop()) {
			this.#known.add(keyOf(process));
			next.push(...(children.get(process.pid) ?? []).filter((child) => !this.has(child)));
		}
	}

	has(process: FoundProcess): boolean {
		return this.#known.has(keyOf(process));
	}
}

function keyOf({ pid, began }: FoundProcess): string {
	return `${pid} ${began}`;
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

import { existsSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { type FoundProcess, runMarker, type TerminalPlatform } from "./platform.ts";

/** By its path: the step's own PATH, which an earlier step may have set, must not choose what starts the step. */
const setsid = ["/usr/bin/setsid", "/bin/setsid"].find((path) => existsSync(path)) ?? "setsid";

/** How long an exec may take on a busy machine, and how often it is looked whether it is over; milliseconds. */
const execWithinMs = 100;
const lookMs = 5;
/** PF_KTHREAD, in the flags of /proc/pid/stat. */
const kernelThread = 0x0020_0000;

/** Linux: util-linux' `setsid --ctty`, and /proc. */
export const linuxPlatform: TerminalPlatform = {
	// The child of a spawn leads no group yet, so setsid(1) calls setsid(2) without a fork and the pid stays.
	leader: (file, args) => ({ file: setsid, args: ["-c", "--", file, ...args], detached: false }),

	async processes(after = 0) {
		const last = after === 0 ? 0 : lastPid();
		// Nothing has begun since: most scripts of builtins alone end here, and the look costs as much as such a script.
		if (after !== 0 && last === after) return [];
		const entries = await readdir("/proc");
		// Pids are handed out in rising order; once they have begun anew a later one may have a smaller number.
		const from = last < after ? 0 : after;
		const pids = entries.filter(
			(entry) => /^\d+$/.test(entry) && Number(entry) > from && Number(entry) !== process.pid,
		);
		const found = await readProcesses(pids);
		if (after !== 0) await readAgain(found);
		return [...found.values()].map(({ process }) => process);
	},
};

/** The pid that was handed out last: the last field of /proc/loadavg (proc(5)). In memory, so read in one go. */
function lastPid(): number {
	return Number(readFileSync("/proc/loadavg", "latin1").trim().split(" ").at(-1));
}

interface ReadProcess {
	process: FoundProcess;
	hasEnvironment: boolean;
}

/**
 * One that is just becoming another program has no environment for a moment, and so no marker (Linux' fs/proc/base.c).
 * Those without one are read again until they have it, or have had the time for it.
 */
async function readAgain(found: Map<string, ReadProcess>): Promise<void> {
	const until = performance.now() + execWithinMs;
	for (;;) {
		const unclear = [...found].filter(([, { hasEnvironment }]) => !hasEnvironment).map(([pid]) => pid);
		if (unclear.length === 0 || performance.now() > until) return;
		await new Promise((resolve) => setTimeout(resolve, lookMs));
		const now = await readProcesses(unclear);
		for (const pid of unclear) {
			const process = now.get(pid);
			if (process) found.set(pid, process);
			else found.delete(pid);
		}
	}
}

/** By their pids; those that have gone or may not be read are left out. */
async function readProcesses(pids: readonly string[]): Promise<Map<string, ReadProcess>> {
	const found = new Map<string, ReadProcess>();
	// In small groups: a machine may have thousands, and each costs two open files.
	for (let i = 0; i < pids.length; i += 32) {
		const group = pids.slice(i, i + 32);
		const some = await Promise.all(group.map(readProcess));
		for (const [at, one] of some.entries()) if (one !== null) found.set(group[at]!, one);
	}
	return found;
}

/** Format: proc(5), /proc/pid/stat and /proc/pid/environ. Null when it has gone, may not be read or is no program. */
async function readProcess(pid: string): Promise<ReadProcess | null> {
	try {
		const [stat, environment] = await Promise.all([
			readFile(`/proc/${pid}/stat`, "latin1"),
			readFile(`/proc/${pid}/environ`, "latin1"),
		]);
		// The name in parentheses may hold anything, also parentheses.
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		const [state, parent, group, session] = fields;
		if (state === "Z" || state === "X" || (Number(fields[6]) & kernelThread) !== 0) {
			return null;
		}
		const marker = environment.split("\0").find((variable) => variable.startsWith(`${runMarker}=`));
		return {
			process: {
				pid: Number(pid),
				parent: Number(parent),
				name: stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")),
				// The 22nd field, in clock ticks since the machine's start; the first two are not among these.
				began: fields[19] ?? "",
				group: Number(group),
				session: Number(session),
				run: marker === undefined ? null : marker.slice(runMarker.length + 1),
			},
			hasEnvironment: environment !== "",
		};
	} catch {
		return null;
	}
}

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What of processes differs between systems. Linux reads /proc; macOS asks `ps` and knows no parent-death signal. */
export interface ProcessPlatform {
	/**
	 * When a process started, in the system's own unit: together with the number it names one process for ever, while
	 * the number alone may be given to another. Null when there is no such process, or only its remains (a zombie).
	 */
	startTime(pid: number): string | null;
	/** Resident memory in bytes; null when there is no such process. */
	residentBytes(pid: number): number | null;
	/** Whether the process is suspended by SIGSTOP. */
	isStopped(pid: number): boolean;
	/** Processes whose environment has `name=value`, this one left out. */
	withEnvironment(name: string, value: string): number[];
	/** The command line that makes a program die with its parent, or the program itself where that can't be. */
	dyingWithParent(setpriv: string | null, file: string, args: string[]): { file: string; args: string[] };
	/** Ports that outgoing connections use: a node's port must not be among them, or a restart may find it taken. */
	outgoingPorts(): [from: number, to: number];
}

const linux: ProcessPlatform = {
	startTime(pid) {
		const fields = statFields(pid);
		// After the name: state is field 0, the start time (clock ticks since boot) field 19. See proc(5).
		if (fields === null || fields[0] === "Z" || fields[0] === "X") return null;
		return fields[19] ?? null;
	},
	residentBytes(pid) {
		try {
			const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
			return kilobytes === undefined ? null : Number(kilobytes) * 1024;
		} catch {
			return null;
		}
	},
	isStopped(pid) {
		const state = statFields(pid)?.[0];
		return state === "T" || state === "t";
	},
	withEnvironment(name, value) {
		const wanted = `${name}=${value}`;
		return readdirSync("/proc")
			.filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
			.map(Number)
			.filter((pid) => {
				try {
					return (
						linux.startTime(pid) !== null &&
						readFileSync(join("/proc", String(pid), "environ"), "utf8")
							.split("\0")
							.includes(wanted)
					);
				} catch {
					return false;
				}
			});
	},
	dyingWithParent(setpriv, file, args) {
		if (setpriv === null) return { file, args };
		return { file: setpriv, args: ["--pdeathsig", "KILL", "--", file, ...args] };
	},
	outgoingPorts() {
		try {
			const [from, to] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
			if (from !== undefined && to !== undefined) return [from, to];
		} catch {
			// Hidden in some containers; Linux' default stands.
		}
		return [32_768, 60_999];
	},
};

/** Not run in our tests, which have no macOS: `ps` instead of /proc; nodes of a killed supervisor stay until `down`. */
const darwin: ProcessPlatform = {
	startTime(pid) {
		const out = ps(["-o", "stat=,lstart=", "-p", String(pid)]).trim();
		if (out === "" || out.startsWith("Z")) return null;
		return out.replace(/^\S+\s+/, "");
	},
	residentBytes(pid) {
		const kilobytes = Number(ps(["-o", "rss=", "-p", String(pid)]).trim());
		return kilobytes > 0 ? kilobytes * 1024 : null;
	},
	isStopped(pid) {
		return ps(["-o", "stat=", "-p", String(pid)])
			.trim()
			.startsWith("T");
	},
	withEnvironment(name, value) {
		const wanted = ` ${name}=${value}`;
		return ps(["-axEww", "-o", "pid=,command="])
			.split("\n")
			.filter((line) => `${line} `.includes(`${wanted} `))
			.map((line) => Number.parseInt(line, 10))
			.filter((pid) => Number.isInteger(pid) && pid !== process.pid);
	},
	dyingWithParent: (_setpriv, file, args) => ({ file, args }),
	outgoingPorts: () => [49_152, 65_535],
};

function ps(args: string[]): string {
	try {
		return execFileSync("ps", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
	} catch {
		return "";
	}
}

function statFields(pid: number): string[] | null {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
		// The name stands in parentheses and may itself have any character, so what counts begins after the last one.
		return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	} catch {
		return null;
	}
}

/** The way of this system. */
export const processPlatform: ProcessPlatform = process.platform === "darwin" ? darwin : linux;

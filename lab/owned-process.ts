import { readFileSync } from "node:fs";
import { ProblemError } from "../core/problem.ts";
import { labMarker } from "./lab-folder.ts";
import { processPlatform } from "./process-platform.ts";

/** A process that a lab started: the number alone could be another's by now. */
export interface OwnedProcess {
	pid: number;
	startTime: string;
	/** The lab's id, which stands in the process' environment. */
	lab: string;
}

/**
 * Sends a signal to a process and its group, and only to one that the lab started: number, start time and the
 * marker in its environment must all fit. Refuses anything else with `lab-not-ours`.
 * Each node leads a process group of its own, so the signal reaches the children that it forks (BGSAVE) too.
 */
export function signalOwned(process_: OwnedProcess, signal: NodeJS.Signals): void {
	const { pid, startTime, lab } = process_;
	if (pid <= 1 || processPlatform.startTime(pid) !== startTime || !hasMarker(pid, lab)) {
		throw new ProblemError("lab-not-ours", `Process ${pid} is not one that this lab started.`);
	}
	process.kill(-pid, signal);
}

function hasMarker(pid: number, lab: string): boolean {
	if (process.platform !== "linux") return processPlatform.withEnvironment(labMarker, lab).includes(pid);
	try {
		return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`${labMarker}=${lab}`);
	} catch {
		return false;
	}
}

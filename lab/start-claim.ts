import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ProblemError } from "../core/problem.ts";
import type { LabFolder } from "./lab-folder.ts";
import { processPlatform } from "./process-platform.ts";

/**
 * Claims the start of a lab for this process; the returned function gives it back. While a supervisor is being started
 * it does not answer yet, and without a claim a second start would take it for the remains of a killed one.
 * Throws `lab-exists` while another process that lives has the claim.
 */
export function claimStart(folder: LabFolder): () => void {
	const file = claimFile(folder);
	const mine = `${file}.${process.pid}`;
	for (;;) {
		try {
			// Written before it counts: a full disk or a death in between leaves no claim that nobody has made.
			writeFileSync(mine, `${process.pid} ${processPlatform.startTime(process.pid)}`, { mode: 0o600 });
			linkSync(mine, file);
			return () => rmSync(file, { force: true });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
			if (isHeld(file)) throw new ProblemError("lab-exists", `Lab ${folder.name} is being started already.`);
			// Its holder was killed.
			rmSync(file, { force: true });
		} finally {
			rmSync(mine, { force: true });
		}
	}
}

/** The file of a claim: beside the lab's folder, which may have to be cleared under the claim. */
export function claimFile(folder: LabFolder): string {
	return join(folder.dir, "..", `.starting-${folder.name}`);
}

function isHeld(file: string): boolean {
	try {
		const [pid = "", ...startTime] = readFileSync(file, "utf8").split(" ");
		return processPlatform.startTime(Number(pid)) === startTime.join(" ");
	} catch {
		return false;
	}
}

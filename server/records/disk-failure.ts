import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { ProblemError } from "../../core/problem.ts";

/** Whether it is for want of room: SQLite says so of its files, but calls it an I/O error of its shared memory. */
export function isFull(error: unknown, path: string): boolean {
	const code = String((error as { code?: unknown } | null)?.code);
	if (code === "SQLITE_FULL" || code === "ENOSPC" || code === "EDQUOT") return true;
	if (!code.startsWith("SQLITE_IOERR")) return false;
	try {
		const { bavail, bsize } = statfsSync(dirname(path));
		return bavail * bsize < 64 * 1024;
	} catch {
		return false;
	}
}

/** What the disk said, as the problem that a person can meet. */
export function unwritable(error: unknown): ProblemError {
	if (error instanceof ProblemError) return error;
	const detail = error instanceof Error ? error.message : String(error);
	return new ProblemError("record-unwritable", detail);
}

import { closeSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { ProblemError } from "../../core/problem.ts";

/**
 * The lock of a data folder's one writer: SQLite's exclusive lock on a database of its own, which the kernel gives up when
 * the process dies, however it dies. Throws `record-locked` with the holder's process id when another has it.
 */
export function lockFolder(folder: string): { release(): void } {
	const path = join(folder, "lock");
	const holder = join(folder, "lock.pid");
	closeSync(openSync(path, "a", 0o600));
	const database = new Database(path, { timeout: 0 });
	try {
		if (statSync(path).size === 0) database.exec("CREATE TABLE lock (held)");
		// Of a database that has a page, locking it writes nothing: it works on a full disk too.
		database.exec("BEGIN EXCLUSIVE");
	} catch (error) {
		database.close();
		if ((error as { code?: string }).code !== "SQLITE_BUSY") throw error;
		throw new ProblemError("record-locked", `${holderOf(holder)} writes the data folder ${folder}.`);
	}
	try {
		writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 });
	} catch {
		// Only for the words of a refusal; on a full disk the lock holds without it.
	}
	return { release: () => database.close() };
}

/** Whether a process writes the data folder now. Changes nothing. */
export function isFolderLocked(folder: string): boolean {
	const path = join(folder, "lock");
	// Opening a pipe would wait for somebody to write into it.
	if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
	let database: Database.Database | undefined;
	try {
		database = new Database(path, { readonly: true, fileMustExist: true, timeout: 0 });
		database.prepare("SELECT count(*) FROM sqlite_schema").get();
		return false;
	} catch (error) {
		return (error as { code?: string }).code === "SQLITE_BUSY";
	} finally {
		database?.close();
	}
}

function holderOf(path: string): string {
	try {
		return `Process ${readFileSync(path, "utf8").trim()}`;
	} catch {
		return "Another process";
	}
}

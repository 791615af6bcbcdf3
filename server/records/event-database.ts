import { chmodSync, closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { eventTables, wrongInSchema } from "./event-schema.ts";

export const eventDatabaseFile = "events.db";

const schema = `
	BEGIN;
	${eventTables}
	INSERT OR IGNORE INTO meta VALUES ('format', 1), ('epoch', 0), ('probe', 0);
	COMMIT;
`;

/** The format of the tables; a folder of a later one is refused. */
const format = 1;

/**
 * Opens the events' database for writing: WAL, every commit synced. better-sqlite3 is built to fall back to
 * `synchronous=NORMAL` in WAL mode, where a power cut loses acknowledged commits, so FULL is set on every open and read
 * back after a write; anything else throws.
 */
export function openEventDatabase(path: string): Database.Database {
	createPrivately(path);
	// The lock on the folder keeps other writers out; a verifier may hold the file for the moment of its own opening.
	const database = new Database(path, { timeout: 1000 });
	try {
		database.pragma("journal_mode = WAL");
		database.pragma("synchronous = FULL");
		// Where a plain fsync leaves bytes in the disk's cache (macOS); without effect elsewhere.
		database.pragma("fullfsync = ON");
		database.pragma("checkpoint_fullfsync = ON");
		// An erased text leaves no bytes behind in free pages.
		database.pragma("secure_delete = ON");
		database.exec(schema);
		const found = database.prepare("SELECT value FROM meta WHERE name = 'format'").pluck().get();
		if (found !== format) throw new Error(`The data folder has format ${found}; this program reads ${format}.`);
		assertOwnSchema(database);
		const probed = database.prepare("UPDATE meta SET value = value + 1 WHERE name = 'probe'").run();
		if (probed.changes !== 1) throw new Error("The record takes no writes.");
		assertDurable(database);
	} catch (error) {
		database.close();
		throw error;
	}
	return database;
}

/** Throws when the database holds anything else than the tables of a record: whatever is written may go elsewhere. */
export function assertOwnSchema(database: Database.Database): void {
	const wrong = wrongInSchema(database);
	if (wrong !== null) throw new Error(`${eventDatabaseFile} is not as Runledger made it. ${wrong}`);
}

/** Throws unless a commit on this connection is synced before it returns. */
export function assertDurable(database: Database.Database): void {
	const journal = database.pragma("journal_mode", { simple: true });
	const synchronous = database.pragma("synchronous", { simple: true });
	if (journal !== "wal") throw new Error(`The record's journal mode is ${journal}, not wal.`);
	if (synchronous !== 2) throw new Error(`The record's synchronous level is ${synchronous}, not 2 (FULL).`);
}

/** Before SQLite makes the file with everybody's rights; its journals take the file's own. */
function createPrivately(path: string): void {
	closeSync(openSync(path, "a", 0o600));
	chmodSync(path, 0o600);
	const folder = openSync(dirname(path), "r");
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}

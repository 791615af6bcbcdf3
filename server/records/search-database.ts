import { chmodSync, closeSync, openSync, rmSync } from "node:fs";
import Database from "better-sqlite3";

const format = 4;

const schema = `
	CREATE TABLE IF NOT EXISTS sessions (session TEXT PRIMARY KEY, title TEXT NOT NULL) WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS runs (run TEXT PRIMARY KEY, session TEXT NOT NULL, step TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS progress (stream TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS passages (
		id INTEGER PRIMARY KEY,
		session TEXT NOT NULL,
		step TEXT,
		run TEXT,
		kind TEXT NOT NULL,
		at TEXT NOT NULL,
		offset_ms INTEGER,
		ref TEXT
	);
	CREATE INDEX IF NOT EXISTS passages_ref ON passages (ref) WHERE ref IS NOT NULL;
	CREATE INDEX IF NOT EXISTS passages_run ON passages (run) WHERE run IS NOT NULL;
	CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, tokenize = 'unicode61 remove_diacritics 2');
`;

/**
 * Opens the database of the full-text search. Nothing in it is a record: it is not synced, and one that is damaged or of
 * another format is thrown away, to be built again.
 */
export function openSearchDatabase(path: string): Database.Database {
	try {
		return openOnce(path);
	} catch {
		for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
		return openOnce(path);
	}
}

function openOnce(path: string): Database.Database {
	// It holds what the record holds. SQLite gives the files beside it the same mode.
	closeSync(openSync(path, "a", 0o600));
	chmodSync(path, 0o600);
	const database = new Database(path);
	try {
		database.pragma("journal_mode = WAL");
		database.pragma("synchronous = OFF");
		// An erased text is to leave no bytes behind here either.
		database.pragma("secure_delete = ON");
		const found = database.pragma("user_version", { simple: true });
		if (found !== 0 && found !== format) throw new Error(`The search index has format ${found}.`);
		database.exec(schema);
		database.exec("INSERT INTO words (words, rank) VALUES ('secure-delete', 1)");
		database.pragma(`user_version = ${format}`);
	} catch (error) {
		database.close();
		throw error;
	}
	return database;
}

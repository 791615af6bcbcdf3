import type Database from "better-sqlite3";
import type { BuiltEvent } from "./build-events.ts";

interface EventRow {
	position: number;
	seq: number;
	hash: Buffer;
	bytes: Buffer;
}

/** The prepared statements of one connection to the events, and the connection itself. */
export interface EventStatements {
	database: Database.Database;
	insert: Database.Statement<[number, string, number, Buffer, Uint8Array]>;
	keep: Database.Statement<[Buffer, Buffer, Buffer]>;
	head: Database.Statement<[string, number, Buffer, number]>;
	heads: Database.Statement<[], { stream: string; seq: number; hash: Buffer }>;
	lastPosition: Database.Statement<[], number | null>;
	read: Database.Statement<[string, number, number], EventRow>;
	content: Database.Statement<[Buffer], { salt: Buffer; content: Buffer }>;
	forget: Database.Statement<[Buffer]>;
	erase: Database.Statement<[Buffer, string]>;
	epoch: Database.Statement<[], number>;
	raiseEpoch: Database.Statement<[], number>;
	probe: Database.Statement<[]>;
	/** A number that changes with every change of the schema, whoever makes it. */
	schemaVersion: Database.Statement<[], number>;
}

export function prepareEventStatements(database: Database.Database): EventStatements {
	return {
		database,
		insert: database.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?)"),
		keep: database.prepare("INSERT INTO contents VALUES (?, ?, ?)"),
		head: database.prepare(
			"INSERT INTO heads VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, hash = excluded.hash, position = excluded.position",
		),
		heads: database.prepare("SELECT stream, seq, hash FROM heads ORDER BY stream"),
		lastPosition: database.prepare<[], number | null>("SELECT max(position) FROM events").pluck(),
		read: database.prepare(
			"SELECT position, seq, hash, bytes FROM events WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?",
		),
		content: database.prepare("SELECT salt, content FROM contents WHERE ref = ?"),
		forget: database.prepare("DELETE FROM contents WHERE ref = ?"),
		erase: database.prepare("INSERT OR IGNORE INTO erased VALUES (?, ?)"),
		epoch: database.prepare<[], number>("SELECT value FROM meta WHERE name = 'epoch'").pluck(),
		raiseEpoch: database
			.prepare<[], number>("UPDATE meta SET value = value + 1 WHERE name = 'epoch' RETURNING value")
			.pluck(),
		probe: database.prepare("UPDATE meta SET value = value + 1 WHERE name = 'probe'"),
		schemaVersion: database.prepare<[], number>("PRAGMA schema_version").pluck(),
	};
}

/** Puts down one event and the texts that it is the first to hold. Throws when a row of it is not put down. */
export function insertEvent(statements: EventStatements, { stored, sealed }: BuiltEvent): void {
	const hash = Buffer.from(stored.hash, "hex");
	assertWritten(statements.insert.run(stored.position, stored.stream, stored.seq, hash, stored.bytes), "events");
	for (const { ref, salt, content } of sealed.contents) {
		assertWritten(statements.keep.run(Buffer.from(ref, "hex"), salt, content), "contents");
	}
}

/** Puts down where a stream ends. Throws when it is not put down. */
export function writeHead(
	statements: EventStatements,
	stream: string,
	seq: number,
	hash: string,
	position: number,
): void {
	assertWritten(statements.head.run(stream, seq, Buffer.from(hash, "hex"), position), "heads");
}

/** SQLite calls a write fine that a trigger has swallowed: only the count of rows tells. */
function assertWritten({ changes }: Database.RunResult, table: string): void {
	if (changes !== 1) throw new Error(`A row of \`${table}\` was not written: ${changes} rows changed instead of one.`);
}

export function closeQuietly({ database }: EventStatements): void {
	try {
		database.close();
	} catch {
		// What it could not write it has not acknowledged either.
	}
}

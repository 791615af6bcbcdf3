import Database from "better-sqlite3";

/** The tables of the events' database. */
export const eventTables = `
	CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS events (
		position INTEGER PRIMARY KEY,
		stream TEXT NOT NULL,
		seq INTEGER NOT NULL,
		hash BLOB NOT NULL,
		bytes BLOB NOT NULL,
		UNIQUE (stream, seq)
	);
	CREATE TABLE IF NOT EXISTS heads (
		stream TEXT PRIMARY KEY,
		seq INTEGER NOT NULL,
		hash BLOB NOT NULL,
		position INTEGER NOT NULL
	) WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS contents (ref BLOB PRIMARY KEY, salt BLOB NOT NULL, content BLOB NOT NULL);
	CREATE TABLE IF NOT EXISTS erased (ref BLOB PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
`;

interface SchemaRow {
	type: string;
	name: string;
	on: string;
	sql: string | null;
}

/**
 * What in a database's schema is not what this program makes, in a sentence; null when all is. A trigger can swallow or
 * alter what is written, and a view can show what nobody wrote: rows alone don't tell whether they are the record.
 */
export function wrongInSchema(database: Database.Database): string | null {
	const made = new Database(":memory:");
	let expected: SchemaRow[];
	try {
		made.exec(eventTables);
		expected = schemaOf(made);
	} finally {
		made.close();
	}
	const found = schemaOf(database);
	for (const { type, name, on, sql } of found) {
		const own = expected.find((one) => one.name === name);
		if (own?.type !== type) return `It holds a ${type} \`${name}\` that the record does not have.`;
		if (own.on !== on || own.sql !== sql) return `Its ${type} \`${name}\` is not the one that the record has.`;
	}
	const missing = expected.find(({ name }) => !found.some((one) => one.name === name));
	return missing ? `Its ${missing.type} \`${missing.name}\` is missing.` : null;
}

function schemaOf(database: Database.Database): SchemaRow[] {
	const rows = database
		.prepare<[], { type: unknown; name: unknown; tbl_name: unknown; sql: unknown }>(
			"SELECT type, name, tbl_name, sql FROM main.sqlite_schema ORDER BY name",
		)
		.all();
	return rows.map(({ type, name, tbl_name: on, sql }) => ({
		type: String(type),
		name: String(name),
		on: String(on),
		sql: sql === null ? null : String(sql).replace(/\s+/g, " "),
	}));
}

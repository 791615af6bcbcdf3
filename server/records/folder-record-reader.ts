import { copyFileSync, createReadStream, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";
import { BadRecord } from "../../core/record/bad-record.ts";
import type { FoundContent, FoundEvent, NotedHead, RecordReader } from "../../core/record/record-reader.ts";
import { eventDatabaseFile } from "./event-database.ts";

/**
 * Reads a data folder without writing to it, also beside the server that writes it and after a crash: one read
 * transaction, so that what is verified is one moment. Throws BadRecord when the database is none.
 */
export function openFolderReader(folder: string): FolderRecordReader {
	// Before the transaction: a recording that is made after this moment must not look like one that no event knows.
	const recordings = names(join(folder, "recordings")).filter((name) => name.endsWith(".cast"));
	const attachments = names(join(folder, "attachments"));
	return new FolderRecordReader(folder, recordings, attachments);
}

export class FolderRecordReader implements RecordReader {
	readonly scope = "server";
	readonly #folder: string;
	readonly #recordings: readonly string[];
	readonly #attachments: readonly string[];
	readonly #database: Database.Database;
	readonly #copy: string | null;
	readonly #heads: ReadonlyMap<string, NotedHead>;

	constructor(folder: string, recordings: readonly string[], attachments: readonly string[]) {
		this.#folder = folder;
		this.#recordings = recordings;
		this.#attachments = attachments;
		const opened = openReadOnly(folder);
		this.#database = opened.database;
		this.#copy = opened.copy;
		try {
			this.#database.exec("BEGIN");
			const rows = this.#database
				.prepare<[], { stream: string; seq: number; hash: Buffer }>("SELECT stream, seq, hash FROM heads")
				.all();
			this.#heads = new Map(rows.map(({ stream, seq, hash }) => [stream, { seq, hash: hash.toString("hex") }]));
		} catch (error) {
			this.close();
			throw damaged(error);
		}
	}

	streams(): string[] {
		return this.#ask(() =>
			this.#database.prepare<[], string>("SELECT DISTINCT stream FROM events ORDER BY stream").pluck().all(),
		);
	}

	/** Lets others have their turn now and then: a server verifies its own record while terminals run. */
	async *events(stream: string): AsyncGenerator<FoundEvent> {
		const rows = this.#database
			.prepare<[string], { seq: number; hash: Buffer; bytes: Buffer }>(
				"SELECT seq, hash, bytes FROM events WHERE stream = ? ORDER BY seq",
			)
			.iterate(stream);
		try {
			for (const { seq, hash, bytes } of rows) {
				yield { seq, bytes: blob(bytes), noted: blob(hash).toString("hex") };
				if (seq % 50 === 0) await setImmediate();
			}
		} catch (error) {
			throw damaged(error);
		}
	}

	head(stream: string): NotedHead | null {
		return this.#heads.get(stream) ?? null;
	}

	headed(): Iterable<string> {
		return this.#heads.keys();
	}

	serverHeads(): Uint8Array[] {
		return [];
	}

	content(ref: string): FoundContent {
		const key = Buffer.from(ref, "hex");
		return this.#ask(() => {
			const row = this.#database
				.prepare<[Buffer], { salt: Buffer; content: Buffer }>("SELECT salt, content FROM contents WHERE ref = ?")
				.get(key);
			if (row) return { salt: blob(row.salt), content: blob(row.content) };
			const erased = this.#database.prepare<[Buffer], string>("SELECT at FROM erased WHERE ref = ?").get(key);
			return erased === undefined ? "missing" : "erased";
		});
	}

	recording(file: string): AsyncIterable<Uint8Array> | null {
		if (!/^recordings\/[A-Za-z0-9_.-]+$/.test(file)) return null;
		return bytesOf(join(this.#folder, file));
	}

	recordings(): string[] {
		return this.#recordings.map((name) => `recordings/${name}`);
	}

	attachment(sha256: string): AsyncIterable<Uint8Array> | null {
		return bytesOf(join(this.#folder, "attachments", sha256));
	}

	attachments(): Iterable<string> {
		return this.#attachments;
	}

	/** Whether a whole session is gone with its heads, and whether the database's pages and indexes agree. */
	async finish(): Promise<string[]> {
		const file = eventDatabaseFile;
		this.#ask(() => {
			const { events, last } = this.#database
				.prepare<[], { events: number; last: number | null }>(
					"SELECT count(*) AS events, max(position) AS last FROM events NOT INDEXED",
				)
				.get() ?? { events: 0, last: 0 };
			if (events !== (last ?? 0)) {
				throw new BadRecord(
					{ file },
					`${(last ?? 0) - events} events are missing: their places in the order are empty.`,
				);
			}
			const check = this.#database.pragma("integrity_check(1)", { simple: true });
			if (check !== "ok") throw new BadRecord({ file }, `The database is damaged: ${check}.`);
		});
		return [];
	}

	close(): void {
		this.#database.close();
		if (this.#copy) rmSync(this.#copy, { recursive: true, force: true });
	}

	#ask<T>(question: () => T): T {
		try {
			return question();
		} catch (error) {
			throw damaged(error);
		}
	}
}

/**
 * A reader of a WAL database wants to make its shared-memory file. Where it may not (another's folder, a medium that
 * can't be written), the database and its journal are copied and read there.
 */
function openReadOnly(folder: string): { database: Database.Database; copy: string | null } {
	const path = join(folder, eventDatabaseFile);
	let database: Database.Database | undefined;
	try {
		database = new Database(path, { readonly: true, fileMustExist: true, timeout: 2000 });
		database.prepare("SELECT count(*) FROM sqlite_schema").get();
		return { database, copy: null };
	} catch (error) {
		database?.close();
		if (!/CANTOPEN|READONLY/.test((error as { code?: string }).code ?? "")) throw damaged(error);
	}
	const copy = mkdtempSync(join(tmpdir(), "runledger-verify-"));
	try {
		// The journal first: what a checkpoint moves meanwhile is then in both, never in neither.
		const journal = `${eventDatabaseFile}-wal`;
		if (existsSync(join(folder, journal))) copyFileSync(join(folder, journal), join(copy, journal));
		copyFileSync(path, join(copy, eventDatabaseFile));
		return { database: new Database(join(copy, eventDatabaseFile), { fileMustExist: true }), copy };
	} catch (error) {
		rmSync(copy, { recursive: true, force: true });
		throw damaged(error);
	}
}

/** An error of SQLite about what is in the file is a finding; any other is not. */
function damaged(error: unknown): unknown {
	const { code, message } = error as { code?: string; message?: string };
	if (error instanceof BadRecord || !/^SQLITE_(CORRUPT|NOTADB|ERROR|MISMATCH|FORMAT)/.test(code ?? "")) return error;
	return new BadRecord({ file: eventDatabaseFile }, `The database is damaged: ${message}.`);
}

/** A column that someone has rewritten as text is not what was stored, but must not stop the verifier. */
function blob(value: unknown): Buffer {
	return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
}

function bytesOf(path: string): AsyncIterable<Uint8Array> | null {
	return existsSync(path) ? createReadStream(path) : null;
}

function names(folder: string): string[] {
	return existsSync(folder) ? readdirSync(folder) : [];
}

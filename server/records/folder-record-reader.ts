import {
	constants,
	copyFileSync,
	createReadStream,
	existsSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";
import { ProblemError } from "../../core/problem.ts";
import { BadRecord, type FirstBad } from "../../core/record/bad-record.ts";
import type { Found, FoundContent, FoundEvent, NotedHead, RecordReader } from "../../core/record/record-reader.ts";
import { eventDatabaseFile } from "./event-database.ts";
import { wrongInSchema } from "./event-schema.ts";
import { isFolderLocked } from "./folder-lock.ts";

/**
 * Reads a data folder without writing to it, also beside the server that writes it and after a crash: one read
 * transaction, so that what is verified is one moment. Throws BadRecord when the database is none.
 */
export function openFolderReader(folder: string): FolderRecordReader {
	// Before the transaction: a recording that is made after this moment must not look like one that no event knows.
	// One that a death has left half written anew (`.fresh`) is nobody's.
	const recordings = names(folder, "recordings").filter((name) => !name.endsWith(".cast.fresh"));
	const attachments = names(folder, "attachments");
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
			// Before anything is asked of it: a view answers like a table.
			const wrong = wrongInSchema(this.#database);
			if (wrong !== null) throw new BadRecord({ file: eventDatabaseFile }, `The database was altered. ${wrong}`);
			const rows = this.#database
				.prepare<[], { stream: string; seq: number; hash: Buffer }>("SELECT stream, seq, hash FROM heads")
				.all();
			this.#heads = new Map(rows.map(({ stream, seq, hash }) => [stream, { seq, hash: blob(hash).toString("hex") }]));
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
		return bytesOf(this.#folder, file, { recording: file });
	}

	recordings(): string[] {
		return this.#recordings.map((name) => `recordings/${name}`);
	}

	attachment(sha256: string): AsyncIterable<Uint8Array> | null {
		const file = `attachments/${sha256}`;
		return bytesOf(this.#folder, file, { file });
	}

	attachments(): Iterable<string> {
		return this.#attachments;
	}

	/**
	 * Whether a whole session is gone with its heads, a head alone, the order of all events is the one that they were
	 * written in, each text belongs to an event, and whether the database's pages and indexes agree.
	 */
	async checkEvents({ streams, contents }: Found): Promise<void> {
		const file = eventDatabaseFile;
		for (const stream of streams.keys()) {
			if (!this.#heads.has(stream)) throw new BadRecord({ file }, `The head of ${stream} is missing.`);
		}
		await this.#order();
		await this.#texts(contents);
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
	}

	/** Its files are the recordings and attachments: nothing is left. */
	async finish(): Promise<void> {}

	/** Positions are outside the hashes, but follow the one writer's clock, and each stream's numbers. */
	async #order(): Promise<void> {
		const rows = this.#database
			.prepare<[], { position: number; stream: string; seq: number; epoch: number; mono: unknown }>(
				"SELECT position, stream, seq, CAST(bytes AS TEXT) ->> '$.epoch' AS epoch, CAST(bytes AS TEXT) ->> '$.mono' AS mono FROM events ORDER BY position",
			)
			.iterate();
		let last = { epoch: 0, mono: 0n };
		const seqs = new Map<string, number>();
		const bad = (position: number) =>
			new BadRecord(
				{ file: eventDatabaseFile },
				`The event at position ${position} was moved: it is out of its order.`,
			);
		await this.#each(rows, ({ position, stream, seq, epoch, mono }) => {
			if (typeof mono !== "string" || !/^\d{1,20}$/.test(mono)) throw bad(position);
			const moment = BigInt(mono);
			if (epoch < last.epoch || (epoch === last.epoch && moment < last.mono)) throw bad(position);
			if (seq !== (seqs.get(stream) ?? 0) + 1) throw bad(position);
			seqs.set(stream, seq);
			last = { epoch, mono: moment };
		});
		// A head has the last position of the batch that wrote it.
		const misplaced = this.#ask(() =>
			this.#database
				.prepare<[], number>(
					"SELECT heads.position FROM heads JOIN events USING (stream, seq) WHERE heads.position < events.position",
				)
				.pluck()
				.get(),
		);
		if (misplaced !== undefined) throw bad(misplaced);
	}

	async #texts(contents: Found["contents"]): Promise<void> {
		const rows = this.#database.prepare<[], { ref: Buffer }>("SELECT ref FROM contents").iterate();
		await this.#each(rows, ({ ref }) => {
			if (!contents.has(blob(ref).toString("hex"))) {
				throw new BadRecord({ file: eventDatabaseFile }, "A text was added: no event refers to it.");
			}
		});
	}

	/** Lets others have their turn now and then, as `events` does. */
	async #each<Row>(rows: Iterable<Row>, see: (row: Row) => void): Promise<void> {
		let seen = 0;
		try {
			for (const row of rows) {
				see(row);
				seen += 1;
				if (seen % 200 === 0) await setImmediate();
			}
		} catch (error) {
			throw damaged(error);
		}
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
 * A reader of a WAL database makes or writes its shared-memory file. Beside a process that writes the folder it is that
 * one's; otherwise nothing there may change, or can (another's folder, a medium that can't be written): the database and
 * its journal are copied and read there.
 */
function openReadOnly(folder: string): { database: Database.Database; copy: string | null } {
	const path = join(folder, eventDatabaseFile);
	if (!statSync(path).isFile()) throw new BadRecord({ file: eventDatabaseFile }, `${eventDatabaseFile} is not a file.`);
	if (isFolderLocked(folder)) {
		let database: Database.Database | undefined;
		try {
			database = new Database(path, { readonly: true, fileMustExist: true, timeout: 2000 });
			database.prepare("SELECT count(*) FROM sqlite_schema").get();
			return { database, copy: null };
		} catch (error) {
			database?.close();
			if (!/CANTOPEN|READONLY/.test((error as { code?: string }).code ?? "")) throw damaged(error);
		}
	}
	const copy = mkdtempSync(join(tmpdir(), "runledger-verify-"));
	try {
		// The journal first: what a checkpoint moves meanwhile is then in both, never in neither.
		const journal = `${eventDatabaseFile}-wal`;
		if (existsSync(join(folder, journal))) copyInto(copy, folder, journal);
		copyInto(copy, folder, eventDatabaseFile);
		return { database: new Database(join(copy, eventDatabaseFile), { fileMustExist: true }), copy };
	} catch (error) {
		rmSync(copy, { recursive: true, force: true });
		if (/ENOSPC|EDQUOT/.test((error as NodeJS.ErrnoException).code ?? "")) {
			throw new ProblemError("bad-request", `There is no room in ${tmpdir()} for a copy of ${eventDatabaseFile}.`, {
				next: "Make room there, or name another folder by TMPDIR: what is verified stays as it is.",
			});
		}
		throw damaged(error);
	}
}

function copyInto(copy: string, folder: string, file: string): void {
	if (!statSync(join(folder, file)).isFile()) throw new BadRecord({ file }, `${file} is not a file.`);
	copyFileSync(join(folder, file), join(copy, file), constants.COPYFILE_FICLONE);
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

function bytesOf(folder: string, file: string, place: FirstBad): AsyncIterable<Uint8Array> | null {
	const path = join(folder, file);
	if (!existsSync(path)) return null;
	// Also before something is opened that never ends, as a pipe.
	if (!statSync(path).isFile()) throw new BadRecord(place, `${file} is not a file.`);
	return createReadStream(path);
}

function names(folder: string, name: "recordings" | "attachments"): string[] {
	const path = join(folder, name);
	if (!existsSync(path)) return [];
	if (!statSync(path).isDirectory()) throw new BadRecord({ file: name }, `${name} is not a folder.`);
	return readdirSync(path);
}

import Database from "better-sqlite3";
import { unwritable } from "./disk-failure.ts";
import { openEventDatabase } from "./event-database.ts";
import { closeQuietly, type EventStatements, prepareEventStatements } from "./event-statements.ts";

/** The connections to the events' database: the one that writes, and one that only reads while there is none to trust. */
export class EventHandles {
	readonly #path: string;
	#writer: EventStatements | null = null;
	#reader: EventStatements | null = null;

	constructor(path: string) {
		this.#path = path;
	}

	/** Of the one connection that writes, asserted to be durable; null while there is none to trust. */
	get writer(): EventStatements | null {
		return this.#writer;
	}

	/** Opens a fresh connection that writes. Throws what the disk says. */
	open(): EventStatements {
		const statements = prepareEventStatements(openEventDatabase(this.#path));
		this.#writer = statements;
		if (this.#reader) closeQuietly(this.#reader);
		this.#reader = null;
		return statements;
	}

	/**
	 * Reading goes on while writing is held, on a handle of its own that never writes. Throws `record-unwritable` when
	 * not even that can be opened.
	 */
	reading(): EventStatements {
		if (this.#writer) return this.#writer;
		try {
			this.#reader ??= prepareEventStatements(new Database(this.#path, { fileMustExist: true }));
			return this.#reader;
		} catch (error) {
			throw unwritable(error);
		}
	}

	/**
	 * The last connection to close would fold the journal in, and sync it on the very handle whose sync has failed: so one
	 * that only reads is opened first.
	 */
	giveUpWriter(): void {
		const writer = this.#writer;
		this.#writer = null;
		if (!writer) return;
		try {
			this.reading();
		} catch {
			// Then there is nothing to read either.
		}
		closeQuietly(writer);
	}

	close(): void {
		for (const statements of [this.#writer, this.#reader]) if (statements) closeQuietly(statements);
		this.#writer = null;
		this.#reader = null;
	}
}

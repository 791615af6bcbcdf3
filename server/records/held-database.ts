import { statSync } from "node:fs";
import { assertOwnSchema } from "./event-database.ts";
import type { EventStatements } from "./event-statements.ts";

/**
 * Whether what is written to still is the record: the file at its path, with its own tables, and this process its one
 * writer. Each can change under an open handle, and SQLite goes on answering writes as fine. All of it throws what is
 * wrong in a sentence.
 */
export class HeldDatabase {
	readonly #path: string;
	/** Device and number: a name can be given to another file, or to none. Null before the first opening. */
	#file: string | null = null;
	/** Of the schema that was last found to be the record's own. */
	#schemaVersion: number | undefined;

	constructor(path: string) {
		this.#path = path;
	}

	/** After each opening: the first one says which file it is. */
	opened(): void {
		this.#file ??= fileAt(this.#path);
		this.#schemaVersion = undefined;
	}

	/** A file that was deleted takes every write, and nobody will ever read it. */
	assertThere(): void {
		if (this.#file === null) return;
		const now = fileAt(this.#path);
		if (now === this.#file) return;
		throw new Error(`${this.#path} is ${now === null ? "gone" : "another file"} since the record was opened.`);
	}

	/**
	 * Inside the transaction that writes: nobody else can change it any more. A second writer that got past the lock raised
	 * the epoch: this one is the stale one and must stop. So must one whose tables somebody else has changed: a trigger
	 * would have what is written vanish.
	 */
	assertWriter(statements: EventStatements, epoch: number): void {
		const now = statements.epoch.get();
		if (now !== epoch) throw new Error(`Another process has taken over the record (start ${now}).`);
		const version = statements.schemaVersion.get();
		if (version === this.#schemaVersion) return;
		assertOwnSchema(statements.database);
		this.#schemaVersion = version;
	}
}

function fileAt(path: string): string | null {
	try {
		const { dev, ino } = statSync(path);
		return `${dev}:${ino}`;
	} catch {
		return null;
	}
}

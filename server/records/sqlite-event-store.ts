import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { JsonObject } from "../../core/json.ts";
import { ProblemError } from "../../core/problem.ts";
import { contentReferences } from "../../core/record/content-references.ts";
import { joinContents } from "../../core/record/join-contents.ts";
import { type Envelope, type JoinedEvent, noPrevious } from "../../core/session-event.ts";
import { type BuiltEvent, buildEvents, type PreparedEvent, prepareEvent, type StreamEnd } from "./build-events.ts";
import { isFull, unwritable } from "./disk-failure.ts";
import { DiskReserve } from "./disk-reserve.ts";
import { eventDatabaseFile } from "./event-database.ts";
import { EventHandles } from "./event-handles.ts";
import { type EventStatements, insertEvent, writeHead } from "./event-statements.ts";
import type { EventStore, EventToAppend, StoredEvent, StreamHead } from "./event-store.ts";
import { HeldDatabase } from "./held-database.ts";
import { RecordHealth } from "./record-health.ts";

export interface EventStoreOptions {
	/** Milliseconds since 1970. */
	now: () => number;
	/** A clock that never goes back, in nanoseconds: `process.hrtime.bigint`. */
	mono: () => bigint;
	/** Salts; unpredictable. */
	random?: (bytes: number) => Uint8Array;
	/** Told when the record can't be written, and when it can again. */
	health?: RecordHealth;
	/** Told of a listener that throws: the record goes on. */
	onListenerError?: (error: unknown) => void;
}

/**
 * Opens the events of a data folder for writing. The caller holds the folder's lock.
 * With a full disk it opens on its reserve, failed closed. Throws `record-unwritable` when not even that is possible.
 */
export function openEventStore(folder: string, options: EventStoreOptions): SqliteEventStore {
	return new SqliteEventStore(folder, options);
}

/** Events that end something: they may use the reserve, so that what runs can be closed in good order on a full disk. */
const closingTypes: ReadonlySet<string> = new Set([
	"run.finished",
	"run.rejected",
	"run.cancel-requested",
	"session.closed",
	"session.recovered",
	"session.head",
	"server.started",
	"server.stopped",
]);

interface PendingAppend {
	stream: string;
	expectedSeq: number;
	events: PreparedEvent[];
	resolve: (events: JoinedEvent[]) => void;
	reject: (error: unknown) => void;
}

interface Written {
	append: PendingAppend;
	events: JoinedEvent[];
}

/**
 * Events in SQLite: verbatim bytes, texts beside them, heads noted apart. Appends of one turn of the event loop share one
 * synced transaction. After any error of the disk it is failed closed: the handle is given up, because a failed fsync
 * must not be tried again on it, and only `probe` on a fresh one opens it again.
 */
export class SqliteEventStore implements EventStore {
	readonly #path: string;
	readonly #options: EventStoreOptions;
	readonly #handles: EventHandles;
	readonly #held: HeldDatabase;
	readonly #reserve: DiskReserve;
	readonly #health: RecordHealth;
	readonly #listeners = new Set<(events: JoinedEvent[]) => void>();
	#queue: PendingAppend[] = [];
	#flushing: Promise<void> | null = null;
	#heads = new Map<string, StreamEnd>();
	#position = 0;
	#epoch = 0;
	/** Why nothing but closing events may be written; null when all is well. */
	#failure: { detail: string; full: boolean } | null = null;
	#closed = false;

	constructor(folder: string, options: EventStoreOptions) {
		this.#path = join(folder, eventDatabaseFile);
		this.#options = options;
		this.#handles = new EventHandles(this.#path);
		this.#held = new HeldDatabase(this.#path);
		this.#reserve = new DiskReserve(folder);
		this.#health = options.health ?? new RecordHealth(options.now);
		try {
			this.#openFirst();
		} catch (error) {
			this.#handles.close();
			throw unwritable(error);
		}
	}

	get epoch(): number {
		return this.#epoch;
	}

	append(stream: string, expectedSeq: number, events: readonly EventToAppend[]): Promise<JoinedEvent[]> {
		return new Promise((resolve, reject) => {
			const prepared = events.map((event) => prepareEvent(stream, event, this.#options.random ?? randomBytes));
			if (this.#closed) throw new ProblemError("record-unwritable", "The record has been closed.");
			this.#queue.push({ stream, expectedSeq, events: prepared, resolve, reject });
			this.#flushing ??= new Promise((flushed) => {
				setImmediate(() => {
					this.#flushing = null;
					this.#flush();
					flushed();
				});
			});
		});
	}

	read(stream: string, afterSeq = 0, limit = Number.MAX_SAFE_INTEGER): JoinedEvent[] {
		const statements = this.#reading();
		const find = (ref: string) => statements.content.get(Buffer.from(ref, "hex"))?.content.toString() ?? null;
		return statements.read.all(stream, afterSeq, limit).map((row) => {
			const envelope = JSON.parse(row.bytes.toString()) as Envelope;
			const data = joinContents(envelope.data as JsonObject, find);
			return { ...envelope, data, hash: row.hash.toString("hex"), position: row.position };
		});
	}

	*readStored(stream: string, afterSeq = 0): Generator<StoredEvent> {
		// In pages, not with one cursor: an open cursor would keep the connection from writing.
		for (let after = afterSeq; ; ) {
			const rows = this.#reading().read.all(stream, after, 500);
			for (const row of rows) {
				yield { position: row.position, stream, seq: row.seq, bytes: row.bytes, hash: row.hash.toString("hex") };
			}
			const last = rows.at(-1);
			if (!last) return;
			after = last.seq;
		}
	}

	heads(): StreamHead[] {
		return [...this.#heads].map(([stream, { seq, hash }]) => ({ stream, seq, hash }));
	}

	*contents(stream: string): Generator<{ ref: string; salt: string; content: string }> {
		const seen = new Set<string>();
		for (const { bytes } of this.readStored(stream)) {
			const { data } = JSON.parse(Buffer.from(bytes).toString()) as Envelope;
			for (const { ref } of contentReferences(data)) {
				if (seen.has(ref)) continue;
				seen.add(ref);
				const found = this.#reading().content.get(Buffer.from(ref, "hex"));
				if (found) yield { ref, salt: found.salt.toString("hex"), content: found.content.toString() };
			}
		}
	}

	async erase(ref: string): Promise<void> {
		await this.#flushing;
		const statements = this.#writing();
		const key = Buffer.from(ref, "hex");
		try {
			statements.database.exec("BEGIN IMMEDIATE");
			this.#held.assertWriter(statements, this.#epoch);
			if (statements.forget.run(key).changes > 0) {
				statements.erase.run(key, new Date(this.#options.now()).toISOString());
			}
			statements.database.exec("COMMIT");
			// The journal still holds the text: fold it into the database and cut it to nothing.
			statements.database.pragma("wal_checkpoint(TRUNCATE)");
		} catch (error) {
			throw this.#fail(error);
		}
	}

	async probe(): Promise<boolean> {
		await this.#flushing;
		if (this.#closed) return false;
		try {
			if (this.#failure) {
				this.#handles.giveUpWriter();
				this.#open();
				this.#reserve.fill();
				this.#failure = null;
				this.#health.recover();
			} else {
				this.#held.assertThere();
				if (this.#writing().probe.run().changes !== 1) throw new Error("The record takes no writes.");
			}
			return true;
		} catch (error) {
			this.#fail(error);
			return false;
		}
	}

	follow(listener: (events: JoinedEvent[]) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	async close(): Promise<void> {
		await this.#flushing;
		this.#closed = true;
		this.#handles.close();
	}

	#flush(): void {
		const batch = this.#queue;
		this.#queue = [];
		const closing = (append: PendingAppend) => append.events.every(({ type }) => closingTypes.has(type));
		if (this.#failure === null) {
			const written = this.#attempt(batch);
			if (written) {
				this.#publish(written);
				return;
			}
		}
		const failure = this.#failure ?? { detail: "", full: false };
		const rest = batch.filter((append) => !(failure.full && closing(append)));
		for (const { reject } of rest) reject(new ProblemError("record-unwritable", failure.detail));
		const last = batch.filter((append) => !rest.includes(append));
		if (last.length === 0) return;
		const written = this.#attempt(last, () => {
			this.#reserve.release();
			if (!this.#handles.writer) this.#open();
		});
		if (written) this.#publish(written);
		else for (const { reject } of last) reject(new ProblemError("record-unwritable", this.#failure?.detail));
	}

	/** Writes a batch, or fails closed and gives null. */
	#attempt(batch: readonly PendingAppend[], before?: () => void): Written[] | null {
		try {
			before?.();
			return this.#write(batch);
		} catch (error) {
			this.#fail(error);
			return null;
		}
	}

	/** Writes a batch in one synced transaction. Nothing of it is told to anybody before the commit has returned. */
	#write(batch: readonly PendingAppend[]): Written[] {
		const statements = this.#writing();
		const { now, mono } = this.#options;
		const heads = new Map<string, StreamEnd>();
		const accepted: { append: PendingAppend; built: BuiltEvent[] }[] = [];
		let position = this.#position;
		for (const append of batch) {
			const head = heads.get(append.stream) ?? this.#heads.get(append.stream) ?? { seq: 0, hash: noPrevious };
			const built = buildEvents(append, head, { epoch: this.#epoch, now, mono, position });
			if (built instanceof Error) {
				append.reject(built);
				continue;
			}
			accepted.push({ append, built });
			position += built.length;
			const last = built.at(-1);
			if (last) heads.set(append.stream, { seq: last.stored.seq, hash: last.stored.hash });
		}
		if (position > this.#position) {
			this.#held.assertThere();
			statements.database.exec("BEGIN IMMEDIATE");
			this.#held.assertWriter(statements, this.#epoch);
			for (const { built } of accepted) for (const event of built) insertEvent(statements, event);
			for (const [stream, { seq, hash }] of heads) {
				writeHead(statements, stream, seq, hash, position);
			}
			statements.database.exec("COMMIT");
		}
		this.#position = position;
		for (const [stream, head] of heads) this.#heads.set(stream, head);
		return accepted.map(({ append, built }) => ({ append, events: built.map((event) => this.#joined(event)) }));
	}

	#joined({ stored, envelope, sealed }: BuiltEvent): JoinedEvent {
		const fresh = new Map(sealed.contents.map(({ ref, content }) => [ref, content]));
		const find = (ref: string) => {
			const content = fresh.get(ref) ?? this.#handles.writer?.content.get(Buffer.from(ref, "hex"))?.content;
			return content?.toString() ?? null;
		};
		const data = joinContents(sealed.data, find);
		return { ...envelope, data, hash: stored.hash, position: stored.position };
	}

	#publish(written: readonly Written[]): void {
		for (const { append, events } of written) {
			if (events.length > 0) {
				for (const listener of [...this.#listeners]) {
					try {
						listener(events);
					} catch (error) {
						this.#options.onListenerError?.(error);
					}
				}
			}
			append.resolve(events);
		}
	}

	#openFirst(): void {
		try {
			this.#open();
			this.#reserve.fill();
			this.#raiseEpoch();
		} catch (error) {
			if (!isFull(error, this.#path)) throw error;
			this.#handles.close();
			this.#reserve.release();
			this.#open();
			this.#raiseEpoch();
			this.#note(error, true);
		}
	}

	#open(): void {
		this.#held.assertThere();
		const statements = this.#handles.open();
		this.#held.opened();
		this.#heads = new Map(
			statements.heads.all().map((row) => [row.stream, { seq: row.seq, hash: row.hash.toString("hex") }]),
		);
		this.#position = statements.lastPosition.get() ?? 0;
	}

	#raiseEpoch(): void {
		const epoch = this.#writing().raiseEpoch.get();
		if (epoch === undefined) throw new Error("The record takes no writes.");
		this.#epoch = epoch;
	}

	#writing(): EventStatements {
		if (this.#closed) throw new ProblemError("record-unwritable", "The record has been closed.");
		const { writer } = this.#handles;
		if (!writer) throw new ProblemError("record-unwritable", this.#failure?.detail);
		return writer;
	}

	#reading(): EventStatements {
		if (this.#closed) throw new ProblemError("record-unwritable", "The record has been closed.");
		return this.#handles.reading();
	}

	/** Fails closed: gives the handle up and says why. */
	#fail(error: unknown): ProblemError {
		this.#handles.giveUpWriter();
		this.#note(error, isFull(error, this.#path));
		return unwritable(error);
	}

	#note(error: unknown, full: boolean): void {
		const { detail } = unwritable(error).problem;
		this.#failure = { detail: full ? `The disk is full (${detail}).` : detail, full };
		this.#health.fail(this.#failure.detail);
	}
}

import type { JoinedEvent } from "../session-event.ts";
import type { ReferenceSet } from "./reference-set.ts";

/** An event as the reader found it; `noted` is the hash that the place keeps beside it, if it does. */
export interface FoundEvent {
	seq: number;
	bytes: Uint8Array;
	noted?: string;
}

/** A content as it was found; `salt` in bytes. */
export type FoundContent = { salt: Uint8Array; content: Uint8Array } | "erased" | "missing";

/** A stream's head as the place notes it, apart from its events. */
export interface NotedHead {
	seq: number;
	hash: string;
}

/**
 * What a record is read from: a data folder, an exported folder or archive, later a page's memory.
 * A reader throws BadRecord for what only it can see: a file that is missing, a line that is none.
 */
export interface RecordReader {
	/** What it holds: everything a server has written, or one exported session. */
	readonly scope: "server" | "session";
	/** The names of all streams. */
	streams(): Iterable<string>;
	/** A stream's events in order. */
	events(stream: string): Iterable<FoundEvent> | AsyncIterable<FoundEvent>;
	/** The head that is noted beside a stream; null when none is. */
	head(stream: string): NotedHead | null;
	/** Streams of which a head is noted. */
	headed(): Iterable<string>;
	/** In an export, the server's own events on the heads of the session, verbatim, out of their stream. */
	serverHeads(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
	content(ref: string): FoundContent;
	/** The bytes of a recording by its name in `run.finished`; null when there is none. */
	recording(file: string): AsyncIterable<Uint8Array> | null;
	/** The names of all recordings. */
	recordings(): Iterable<string>;
	/** The bytes of an attachment by its digest; null when there is none. */
	attachment(sha256: string): AsyncIterable<Uint8Array> | null;
	/** The digests that attachments are named by. */
	attachments(): Iterable<string>;
	/**
	 * What is left to check of the events that only this place has: their common order, texts that none refers to, a
	 * database's pages, an account. It comes before recordings and attachments, so that one that is gone hides nothing of
	 * it. Throws BadRecord.
	 */
	checkEvents(found: Found): Promise<void>;
	/** What is left to check of the place itself, as a manifest. Throws BadRecord. */
	finish(found: Found): Promise<void>;
}

/** What the verification has met, for the reader's own last checks. */
export interface Found {
	streams: ReadonlyMap<string, NotedHead>;
	/** The contents that events refer to. */
	contents: ReferenceSet;
	/** Of an export, its session's events with their texts; of a whole server's record none, they would be too many. */
	events: readonly JoinedEvent[];
}

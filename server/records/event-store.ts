import type { Actor } from "../../core/access.ts";
import type { JoinedEvent, Origin, ServerEventDraft, SessionEventDraft } from "../../core/session-event.ts";

/** An event before it is stored: the store adds v, stream, seq, epoch, prev, at and mono, and seals its contents. */
export interface EventToAppend {
	actor: Actor;
	origin: Origin;
	draft: SessionEventDraft | ServerEventDraft;
}

/** An event as it is on disk. */
export interface StoredEvent {
	/** Global order, outside the hash. */
	position: number;
	stream: string;
	seq: number;
	/** The canonical JSON, verbatim. */
	bytes: Uint8Array;
	/** Hex of SHA256(0x00 || bytes). */
	hash: string;
}

/** The head of a stream. */
export interface StreamHead {
	stream: string;
	seq: number;
	hash: string;
}

/** Where events live. One writer. Every method that writes resolves only when the write is durable. */
export interface EventStore {
	/** This start's number; grows by one each time the store is opened for writing. */
	readonly epoch: number;
	/**
	 * Appends to a stream if it still has `expectedSeq` events, else `record-conflict`.
	 * Concurrent appends share one transaction (group commit). Fails with `record-unwritable` and stays failed closed
	 * until `probe` succeeds.
	 */
	append(stream: string, expectedSeq: number, events: readonly EventToAppend[]): Promise<JoinedEvent[]>;
	/** The events of a stream after `afterSeq`, joined with the contents that are still there. */
	read(stream: string, afterSeq?: number, limit?: number): JoinedEvent[];
	/** The same, verbatim; for export and verification. */
	readStored(stream: string, afterSeq?: number): Iterable<StoredEvent>;
	/** Every stream's head. */
	heads(): StreamHead[];
	/** The contents of a stream's events: ref, salt (hex) and text. */
	contents(stream: string): Iterable<{ ref: string; salt: string; content: string }>;
	/** Erases one content; the proof stays whole. */
	erase(ref: string): Promise<void>;
	/** Tries whether the record can be written again. */
	probe(): Promise<boolean>;
	/** Calls back after each durable append, in order. */
	follow(listener: (events: JoinedEvent[]) => void): () => void;
	close(): Promise<void>;
}

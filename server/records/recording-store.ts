import type { RecordingSummary } from "../../core/recording.ts";

/** One recording being written. The caller awaits each append before the next; a sync may be under way beside one. */
export interface RecordingWriter {
	/**
	 * Appends bytes of the cast file; resolves when the operating system has them all (short writes are completed).
	 * When it fails the recording is as it was, and the same bytes can be appended again.
	 */
	append(bytes: Uint8Array): Promise<void>;
	/** Makes everything appended so far durable. When it fails the writer has ended: whatever follows fails too. */
	sync(): Promise<void>;
	/** Syncs, closes and gives the digest and length of the whole file. When it fails the writer has ended. */
	seal(): Promise<Pick<RecordingSummary, "file" | "sha256" | "bytes">>;
	/** Bytes appended. */
	readonly bytes: number;
}

/** Where recordings live: append to numbered segments, seal, read a range, list. Fits object storage later. */
export interface RecordingStore {
	create(session: string, run: string): Promise<RecordingWriter>;
	/** Seals what a process that died has left; null when there is nothing. */
	recover(session: string, run: string): Promise<Pick<RecordingSummary, "file" | "sha256" | "bytes"> | null>;
	/** The file's bytes from `start` to `end` (exclusive), as far as they exist. */
	read(session: string, run: string, start?: number, end?: number): Promise<Uint8Array>;
	/** The file's size now; null when there is none. */
	size(session: string, run: string): Promise<number | null>;
	list(session: string): Promise<string[]>;
	/** Pictures and files, by the SHA-256 (hex) of their bytes. Durable when it resolves. */
	putAttachment(bytes: Uint8Array): Promise<string>;
	readAttachment(sha256: string): Promise<Uint8Array | null>;
}

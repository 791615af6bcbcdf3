import { createHash } from "node:crypto";
import { ProblemError } from "../../core/problem.ts";
import type { RecordingSummary } from "../../core/recording.ts";
import { closeFile, syncFile, truncateFile, writeAll } from "./durable-file.ts";
import type { RecordingWriter } from "./recording-store.ts";

export interface FolderRecordingFile {
	fd: number;
	/** The recording's name, as `run.finished` holds it. */
	name: string;
	/** Makes the file's name durable, once, with the first sync. */
	syncName: () => Promise<void>;
	/** Told of every error of the disk. */
	failed: (error: Error) => void;
}

/**
 * One growing file. An append that fails leaves the file as it was, so that the same bytes can be appended again when
 * there is room. A sync that fails ends the writer: the kernel may have dropped what it could not write.
 */
export class FolderRecordingWriter implements RecordingWriter {
	readonly #file: FolderRecordingFile;
	readonly #hash = createHash("sha256");
	#bytes = 0;
	#nameSynced = false;
	/** Behind the last whole append stands part of one that failed. */
	#ragged = false;
	#ended: "sealed" | "failed" | null = null;
	/** The write that is under way: a descriptor is never closed under it. */
	#writing: Promise<void> = Promise.resolve();
	#syncing: Promise<void> = Promise.resolve();

	constructor(file: FolderRecordingFile) {
		this.#file = file;
	}

	get bytes(): number {
		return this.#bytes;
	}

	async append(bytes: Uint8Array): Promise<void> {
		this.#assertOpen();
		try {
			const writing = writeAll(this.#file.fd, bytes, this.#bytes);
			this.#writing = writing.catch(() => {});
			await writing;
		} catch (error) {
			// What was written of it was never acknowledged; the same bytes will be written over it, or it is cut off at last.
			this.#ragged = true;
			await this.#trim().catch(() => {});
			throw this.#problem(error);
		}
		this.#hash.update(bytes);
		this.#bytes += bytes.length;
	}

	async #trim(): Promise<void> {
		await truncateFile(this.#file.fd, this.#bytes);
		this.#ragged = false;
	}

	/** One after the other: a second one that waits must meet the failure of the first, not repeat it. */
	sync(): Promise<void> {
		const sync = this.#syncing.then(() => this.#syncNow());
		this.#syncing = sync.catch(() => {});
		return sync;
	}

	async #syncNow(): Promise<void> {
		this.#assertOpen();
		try {
			if (this.#nameSynced) await syncFile(this.#file.fd);
			else await Promise.all([syncFile(this.#file.fd), this.#file.syncName()]);
			this.#nameSynced = true;
		} catch (error) {
			this.#ended = "failed";
			await this.#writing;
			await closeFile(this.#file.fd).catch(() => {});
			throw this.#problem(error);
		}
	}

	async seal(): Promise<Pick<RecordingSummary, "file" | "sha256" | "bytes">> {
		try {
			if (this.#ragged) await this.#trim();
		} catch (error) {
			throw this.#problem(error);
		}
		await this.sync();
		this.#ended = "sealed";
		await closeFile(this.#file.fd);
		return { file: this.#file.name, sha256: this.#hash.digest("hex"), bytes: this.#bytes };
	}

	#assertOpen(): void {
		if (this.#ended) throw new ProblemError("record-unwritable", `The recording ${this.#file.name} is ${this.#ended}.`);
	}

	#problem(error: unknown): ProblemError {
		const cause = error instanceof Error ? error : new Error(String(error));
		this.#file.failed(cause);
		return new ProblemError("record-unwritable", `The recording can't be written: ${cause.message}.`);
	}
}

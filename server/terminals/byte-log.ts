import { decodeRecordingPart, recordingBytes } from "../../core/recording.ts";
import { frameHeaderBytes, writeFrameHeader } from "../../core/terminal-protocol.ts";

/** A piece of the log, encoded once for all viewers. */
export interface LogFrame {
	/** Of its first byte. */
	offset: number;
	/** Behind its last byte. */
	end: number;
	/** Header and payload. */
	bytes: Uint8Array;
}

/** The size of the screen from an offset on. */
export interface ScreenSize {
	offset: number;
	cols: number;
	rows: number;
}

export interface ByteLogOptions {
	/** The server's number for this run. */
	channel: number;
	cols: number;
	rows: number;
	/** Bytes kept in memory; older ones are read from the recording. */
	windowBytes: number;
	/** Reads the recording's file, from byte to byte. */
	readRecording(start: number, end: number): Promise<Uint8Array>;
}

/** A frame costs more than its payload: a program that writes single bytes must not fill the memory. */
const frameOverhead = 200;

/** Distance of the places in the recording from which reading may begin. */
const indexStep = 256 * 1024;

/** The bytes of a run's terminal, by absolute offset: appended by one writer, read by any number of cursors. */
export class ByteLog {
	readonly channel: number;
	readonly #options: ByteLogOptions;
	readonly #sizes: ScreenSize[];
	readonly #index: { offset: number; file: number }[] = [];
	readonly #listeners = new Set<() => void>();
	#frames: LogFrame[] = [];
	/** Frames before this one have left the window. */
	#first = 0;
	#weight = 0;
	#end = 0;
	#fileEnd = 0;
	#finished = false;
	/** One reading of the recording at a time: each takes some MiB. */
	#reading: Promise<unknown> = Promise.resolve();

	constructor(options: ByteLogOptions) {
		this.#options = options;
		this.channel = options.channel;
		this.#sizes = [{ offset: 0, cols: options.cols, rows: options.rows }];
	}

	/** The first offset that is in memory. */
	get start(): number {
		return this.#frames[this.#first]?.offset ?? this.#end;
	}

	/** The offset behind the last byte. */
	get end(): number {
		return this.#end;
	}

	/** Nothing more will come. */
	get finished(): boolean {
		return this.#finished;
	}

	get size(): ScreenSize {
		return this.#sizes.at(-1)!;
	}

	/** Appends what stands in the recording from `fileStart` to `fileEnd`. */
	append(payload: Uint8Array, fileStart: number, fileEnd: number): void {
		const bytes = Buffer.allocUnsafeSlow(frameHeaderBytes + payload.length);
		writeFrameHeader(bytes, "data", this.channel, this.#end);
		bytes.set(payload, frameHeaderBytes);
		const lastIndexed = this.#index.at(-1);
		if (lastIndexed === undefined || this.#end - lastIndexed.offset >= indexStep) {
			this.#index.push({ offset: this.#end, file: fileStart });
		}
		this.#fileEnd = fileEnd;
		this.#frames.push({ offset: this.#end, end: this.#end + payload.length, bytes });
		this.#end += payload.length;
		this.#weight += bytes.length + frameOverhead;
		this.#forget();
		this.#tell();
	}

	/** The size from here on. */
	resize(cols: number, rows: number): void {
		if (this.#sizes.at(-1)!.offset === this.#end) {
			// No byte was shown at the one before.
			this.#sizes.pop();
		}
		this.#sizes.push({ offset: this.#end, cols, rows });
		this.#tell();
	}

	finish(): void {
		this.#finished = true;
		this.#tell();
	}

	/** The frame that holds the byte at `offset`; null when it is not in memory. */
	frameAt(offset: number): LogFrame | null {
		if (offset < this.start || offset >= this.#end) {
			return null;
		}
		let low = this.#first;
		let high = this.#frames.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if (this.#frames[middle]!.offset <= offset) {
				low = middle;
			} else {
				high = middle - 1;
			}
		}
		return this.#frames[low]!;
	}

	/** The size that holds for the byte at `offset`. */
	sizeAt(offset: number): ScreenSize {
		return this.#sizes.findLast((size) => size.offset <= offset) ?? this.#sizes[0]!;
	}

	/** The last bytes that are in memory, at most so many. */
	tail(length: number): Uint8Array {
		const parts: Uint8Array[] = [];
		let missing = length;
		for (let i = this.#frames.length - 1; i >= this.#first && missing > 0; i--) {
			const payload = this.#frames[i]!.bytes.subarray(frameHeaderBytes);
			parts.unshift(payload.subarray(Math.max(0, payload.length - missing)));
			missing -= payload.length;
		}
		return Buffer.concat(parts);
	}

	/**
	 * Bytes from `offset` on that have left the window, at most some hundred KiB, read from the recording. Nothing is read
	 * for somebody who is not there any longer when it is their turn.
	 */
	readOlder(offset: number, isWanted: () => boolean): Promise<Uint8Array> {
		const read = this.#reading.then(() => (isWanted() ? this.#readOlder(offset) : new Uint8Array(0)));
		this.#reading = read.catch(() => {});
		return read;
	}

	async #readOlder(offset: number): Promise<Uint8Array> {
		const at = this.#index.findLastIndex((entry) => entry.offset <= offset);
		const from = this.#index[at];
		if (from === undefined) {
			return new Uint8Array(0);
		}
		const fileEnd = this.#index[at + 1]?.file ?? this.#fileEnd;
		const file = await this.#options.readRecording(from.file, fileEnd);
		const { events } = decodeRecordingPart(Buffer.from(file.buffer, file.byteOffset, file.length).toString(), {
			atMs: 0,
			offset: from.offset,
		});
		return recordingBytes(events).subarray(offset - from.offset);
	}

	/** Calls back after each change, in the same turn. Returns the way to stop. */
	follow(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	#forget(): void {
		while (this.#weight > this.#options.windowBytes && this.#first < this.#frames.length - 1) {
			this.#weight -= this.#frames[this.#first]!.bytes.length + frameOverhead;
			this.#first++;
		}
		if (this.#first > 64 && this.#first > this.#frames.length / 2) {
			this.#frames = this.#frames.slice(this.#first);
			this.#first = 0;
		}
	}

	#tell(): void {
		for (const listener of this.#listeners) {
			listener();
		}
	}
}

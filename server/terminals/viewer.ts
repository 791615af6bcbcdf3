import { encodeTerminalFrame, frameHeaderBytes, maxFrameBytes } from "../../core/terminal-protocol.ts";
import type { ByteLog, ScreenSize } from "./byte-log.ts";
import type { Screens } from "./screens.ts";

/** Where a viewer's frames go. */
export interface ViewerSink {
	/** Whether more may be queued now; when it may again, the sink calls the viewer's `pump`. */
	ready(): boolean;
	frame(bytes: Uint8Array): void;
	resized(cols: number, rows: number): void;
	/** Everything has been sent. */
	end(offset: number): void;
}

export interface ViewerOptions {
	log: ByteLog;
	screens: Screens;
	sink: ViewerSink;
	/** Where it begins; null for a snapshot first. */
	offset: number | null;
	/** The offset up to which frames may be sent. */
	credit: number;
}

/** A cursor on a run's log. It takes what its credit and its socket allow, and nobody waits for it. */
export class Viewer {
	readonly #log: ByteLog;
	readonly #screens: Screens;
	readonly #sink: ViewerSink;
	readonly #stop: () => void;
	#cursor: number;
	/** The size that the other side knows. */
	#size: ScreenSize;
	#credit: number;
	/** Up to here the recording is read, when it has asked for bytes that had left the window already. */
	#catchingUp: boolean;
	#wantsSnapshot: boolean;
	#waiting = false;
	#closed = false;

	constructor({ log, screens, sink, offset, credit }: ViewerOptions) {
		this.#log = log;
		this.#screens = screens;
		this.#sink = sink;
		this.#cursor = Math.min(offset ?? log.end, log.end);
		this.#size = log.sizeAt(this.#cursor);
		this.#credit = credit;
		this.#wantsSnapshot = offset === null && log.end > 0;
		this.#catchingUp = offset !== null;
		this.#stop = log.follow(() => this.pump());
	}

	/** The offset behind the last byte that was sent. */
	get cursor(): number {
		return this.#cursor;
	}

	/** The size of the screen where it begins. */
	get size(): ScreenSize {
		return this.#size;
	}

	/** Absolute, so that it can't be counted wrong; it never goes back. */
	allow(credit: number): void {
		this.#credit = Math.max(this.#credit, credit);
		this.pump();
	}

	/** Sends what may be sent. */
	pump(): void {
		while (!this.#closed && !this.#waiting) {
			const log = this.#log;
			if (this.#wantsSnapshot) {
				if (!this.#sink.ready()) {
					return;
				}
				this.#wait(this.#sendSnapshot());
				return;
			}
			this.#tellSize();
			if (this.#cursor >= log.end) {
				this.#catchingUp = false;
				if (log.finished) {
					this.close();
					this.#sink.end(log.end);
				}
				return;
			}
			if (this.#cursor >= this.#credit || !this.#sink.ready()) {
				return;
			}
			const frame = log.frameAt(this.#cursor);
			if (frame !== null) {
				this.#catchingUp = false;
				const rest = frame.bytes.subarray(frameHeaderBytes + this.#cursor - frame.offset);
				this.#send(this.#cursor === frame.offset ? frame.bytes : this.#data(rest), frame.end);
			} else if (this.#catchingUp) {
				this.#wait(this.#sendOlder());
				return;
			} else {
				// It fell off the log: what it missed is in the recording, and the screen as it is now is what helps.
				this.#wantsSnapshot = true;
			}
		}
	}

	close(): void {
		this.#closed = true;
		this.#stop();
	}

	#data(payload: Uint8Array): Uint8Array {
		return encodeTerminalFrame({ kind: "data", channel: this.#log.channel, offset: this.#cursor, payload });
	}

	#send(frame: Uint8Array, end: number): void {
		this.#sink.frame(frame);
		this.#cursor = end;
	}

	/** Frames are cut where the size changes, so that it can be told between two of them. */
	#tellSize(): void {
		const size = this.#log.sizeAt(this.#cursor);
		if (size !== this.#size) {
			this.#size = size;
			this.#sink.resized(size.cols, size.rows);
		}
	}

	#wait(work: Promise<void>): void {
		this.#waiting = true;
		work
			// Without the recording or the worker it goes on with what is in memory.
			.catch(() => {
				this.#wantsSnapshot = false;
				this.#catchingUp = false;
				this.#cursor = Math.max(this.#cursor, this.#log.start);
			})
			.finally(() => {
				this.#waiting = false;
				this.pump();
			});
	}

	async #sendSnapshot(): Promise<void> {
		const { offset, cols, rows, screen } = await this.#screens.snapshot(this.#log);
		if (this.#closed) {
			return;
		}
		this.#wantsSnapshot = false;
		this.#sink.resized(cols, rows);
		this.#cursor = offset;
		this.#sink.frame(encodeTerminalFrame({ kind: "snapshot", channel: this.#log.channel, offset, payload: screen }));
	}

	async #sendOlder(): Promise<void> {
		const bytes = await this.#log.readOlder(this.#cursor, () => !this.#closed);
		if (this.#closed) {
			return;
		}
		if (bytes.length === 0) {
			throw new Error("The recording does not reach this offset.");
		}
		for (let at = 0; at < bytes.length && !this.#closed && this.#cursor < this.#credit; at += maxFrameBytes) {
			const payload = bytes.subarray(at, at + maxFrameBytes);
			this.#send(this.#data(payload), this.#cursor + payload.length);
		}
	}
}

import { maxFrameBytes } from "../../core/terminal-protocol.ts";
import { incompleteUtf8Tail } from "../../core/utf8.ts";

/** Under load, pieces are gathered for this long or up to a frame. */
const gatherMs = 4;

/** Pieces that are recorded in one write: each write is a trip to another thread and back. */
const maxPieces = 8;

/** After somebody typed, what comes is an echo and waits for nothing. */
const echoMs = 50;

/** How long the beginning of a character waits for its end. */
const splitCharacterMs = 50;

/** Something that has its place between bytes: a resize, a note of input. */
export type PipelineMark = () => Promise<void>;

export interface OutputPipelineOptions {
	monotonicMs(): number;
	/**
	 * Records pieces, each at most a frame, and then shows them. One call at a time. A rejection gives up all that waits.
	 */
	record(pieces: readonly Uint8Array[]): Promise<void>;
}

/**
 * Gathers bytes into pieces of whole characters and records these one after the other: at once while little comes,
 * every 4 ms or 64 KiB under load.
 */
export class OutputPipeline {
	readonly #options: OutputPipelineOptions;
	#queue: (Uint8Array | PipelineMark)[] = [];
	#backlog = 0;
	#tail: Uint8Array = new Uint8Array(0);
	#tailTimer: NodeJS.Timeout | null = null;
	#running = false;
	#timer: NodeJS.Timeout | null = null;
	#lastRecorded = Number.NEGATIVE_INFINITY;
	#lastInput = Number.NEGATIVE_INFINITY;
	#waiters: { below: number; resolve: () => void }[] = [];

	constructor(options: OutputPipelineOptions) {
		this.#options = options;
	}

	/** Bytes that came in and are not recorded yet. */
	get backlog(): number {
		return this.#backlog;
	}

	/** Takes a copy. */
	push(bytes: Uint8Array): void {
		if (bytes.length === 0) {
			return;
		}
		this.#backlog += bytes.length;
		this.#queue.push(new Uint8Array(bytes));
		this.#go();
	}

	/** Runs when everything before it has been recorded. */
	mark(mark: PipelineMark): void {
		this.#queue.push(mark);
		this.#run();
	}

	/** Somebody typed: what comes next is wanted at once. */
	expectEcho(): void {
		this.#lastInput = this.#options.monotonicMs();
	}

	/** Resolves when at most `below` bytes wait. */
	backlogBelow(below: number): Promise<void> {
		return this.#backlog <= below
			? Promise.resolve()
			: new Promise((resolve) => this.#waiters.push({ below, resolve }));
	}

	/** Records everything now, also half a character. Resolves when that is done or given up. */
	async settle(): Promise<void> {
		do {
			this.#releaseTail();
			this.#run();
			await new Promise<void>((resolve) => this.mark(async () => resolve()));
		} while (this.#backlog > 0);
	}

	/** Records at once or a little later. */
	#go(): void {
		if (this.#running || this.#timer !== null) {
			if (this.#timer !== null && this.#backlog >= maxFrameBytes) {
				this.#run();
			}
			return;
		}
		const now = this.#options.monotonicMs();
		const since = now - this.#lastRecorded;
		if (since >= gatherMs || this.#backlog >= maxFrameBytes || now - this.#lastInput < echoMs) {
			this.#run();
		} else {
			this.#timer = setTimeout(() => this.#run(), gatherMs - since);
		}
	}

	async #run(): Promise<void> {
		if (this.#timer !== null) {
			clearTimeout(this.#timer);
			this.#timer = null;
		}
		if (this.#running) {
			return;
		}
		this.#running = true;
		try {
			while (this.#queue.length > 0) {
				const first = this.#queue[0]!;
				if (typeof first === "function") {
					this.#queue.shift();
					await first();
					continue;
				}
				const pieces = this.#takePieces();
				if (pieces.length > 0) {
					await this.#options.record(pieces);
					this.#lastRecorded = this.#options.monotonicMs();
					this.#settled(pieces.reduce((sum, piece) => sum + piece.length, 0));
				}
				if (this.#queue.length > 0 && this.#backlog < maxFrameBytes && !this.#queue.some(isMark)) {
					break;
				}
			}
		} catch {
			this.#giveUp();
		} finally {
			this.#running = false;
		}
		if (this.#queue.length > 0) {
			this.#go();
		}
	}

	#takePieces(): Uint8Array[] {
		const pieces: Uint8Array[] = [];
		while (pieces.length < maxPieces && this.#queue.length > 0 && !isMark(this.#queue[0]!)) {
			const piece = this.#take();
			if (piece.length > 0) {
				pieces.push(piece);
			}
		}
		return pieces;
	}

	/** Up to one frame from the beginning of the queue; half a character at its end waits for the rest. */
	#take(): Uint8Array {
		const parts: Uint8Array[] = this.#tail.length > 0 ? [this.#tail] : [];
		let length = this.#tail.length;
		this.#tail = new Uint8Array(0);
		if (this.#tailTimer !== null) {
			clearTimeout(this.#tailTimer);
			this.#tailTimer = null;
		}
		while (this.#queue.length > 0 && length < maxFrameBytes) {
			const next = this.#queue[0]!;
			if (typeof next === "function") {
				break;
			}
			const fits = maxFrameBytes - length;
			if (next.length <= fits) {
				this.#queue.shift();
				parts.push(next);
				length += next.length;
			} else {
				this.#queue[0] = next.subarray(fits);
				parts.push(next.subarray(0, fits));
				length += fits;
			}
		}
		const piece = parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
		const held = incompleteUtf8Tail(piece);
		if (held === 0) {
			return piece;
		}
		this.#tail = piece.subarray(piece.length - held);
		this.#tailTimer = setTimeout(() => {
			this.#tailTimer = null;
			if (this.#queue.length === 0) {
				this.#releaseTail();
			}
			this.#run();
		}, splitCharacterMs);
		return piece.subarray(0, piece.length - held);
	}

	/** Lets half a character go as the bytes that it is. */
	#releaseTail(): void {
		if (this.#tailTimer !== null) {
			clearTimeout(this.#tailTimer);
			this.#tailTimer = null;
		}
		const tail = this.#tail;
		if (tail.length === 0) {
			return;
		}
		this.#tail = new Uint8Array(0);
		this.#queue.unshift(async () => {
			await this.#options.record([tail]);
			this.#settled(tail.length);
		});
	}

	#settled(length: number): void {
		this.#backlog -= length;
		this.#wake();
	}

	#wake(): void {
		const due = this.#waiters.filter((waiter) => this.#backlog <= waiter.below);
		this.#waiters = this.#waiters.filter((waiter) => this.#backlog > waiter.below);
		for (const waiter of due) {
			waiter.resolve();
		}
	}

	/** The record can't be written and nobody waits for it any longer. Marks still run, so that whoever waits goes on. */
	#giveUp(): void {
		this.#queue = this.#queue.filter(isMark);
		this.#tail = new Uint8Array(0);
		this.#backlog = 0;
		this.#wake();
	}
}

function isMark(item: Uint8Array | PipelineMark): item is PipelineMark {
	return typeof item === "function";
}

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
	#running = false;
	/** Waits for more to come. */
	#gathering: NodeJS.Timeout | null = null;
	/** What is in the queue is half a character, whose end may come: set by whoever put it back there. */
	#splitting: NodeJS.Timeout | null = null;
	/** The end has not come: the half goes as the bytes that it is. */
	#split = false;
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
		this.#noSplitting();
		this.#queue.push(new Uint8Array(bytes));
		this.#soon();
	}

	/** Runs when everything before it has been recorded, also half a character. */
	mark(mark: PipelineMark): void {
		this.#noSplitting();
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

	/** Resolves when everything that came in before has been recorded or given up. */
	settle(): Promise<void> {
		return new Promise<void>((resolve) => this.mark(async () => resolve()));
	}

	/** Records at once or a little later. */
	#soon(): void {
		if (this.#running || (this.#gathering !== null && this.#backlog < maxFrameBytes)) {
			return;
		}
		const now = this.#options.monotonicMs();
		const since = now - this.#lastRecorded;
		if (since >= gatherMs || this.#backlog >= maxFrameBytes || now - this.#lastInput < echoMs) {
			this.#run();
		} else {
			this.#gathering = setTimeout(() => this.#run(), gatherMs - since);
		}
	}

	async #run(): Promise<void> {
		if (this.#gathering !== null) {
			clearTimeout(this.#gathering);
			this.#gathering = null;
		}
		if (this.#running) {
			return;
		}
		this.#running = true;
		try {
			for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
				if (isMark(next)) {
					this.#queue.shift();
					await next();
					continue;
				}
				const pieces = this.#takePieces();
				if (pieces.length === 0) {
					break;
				}
				await this.#options.record(pieces);
				this.#lastRecorded = this.#options.monotonicMs();
				this.#recorded(pieces.reduce((sum, piece) => sum + piece.length, 0));
				if (this.#backlog < maxFrameBytes && !this.#queue.some(isMark)) {
					break;
				}
			}
		} catch {
			this.#giveUp();
		} finally {
			this.#running = false;
		}
		if (this.#queue.length > 0 && this.#splitting === null) {
			this.#soon();
		}
	}

	/** None when there is but half a character that may become whole. */
	#takePieces(): Uint8Array[] {
		const pieces: Uint8Array[] = [];
		while (pieces.length < maxPieces) {
			const piece = this.#take();
			if (piece.length === 0) {
				break;
			}
			pieces.push(piece);
		}
		return pieces;
	}

	/** Up to one frame from the beginning of the queue, cut between two characters. */
	#take(): Uint8Array {
		const parts: Uint8Array[] = [];
		let length = 0;
		for (let next = this.#queue[0]; next !== undefined && !isMark(next); next = this.#queue[0]) {
			const fits = maxFrameBytes - length;
			if (next.length > fits) {
				if (fits > 0) {
					parts.push(next.subarray(0, fits));
					this.#queue[0] = next.subarray(fits);
					length += fits;
				}
				break;
			}
			this.#queue.shift();
			parts.push(next);
			length += next.length;
		}
		const piece = parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
		return piece.subarray(0, piece.length - this.#putBack(piece));
	}

	/** Puts half a character at the end of a piece back, unless nothing can make it whole. Gives how many bytes. */
	#putBack(piece: Uint8Array): number {
		this.#noSplitting();
		const next = this.#queue[0];
		const { length } = this.#queue;
		const half = incompleteUtf8Tail(piece);
		const split = this.#split;
		this.#split = false;
		if (half === 0 || (next === undefined ? split : isMark(next))) {
			return 0;
		}
		this.#queue.unshift(piece.subarray(piece.length - half));
		if (length === 0) {
			this.#splitting = setTimeout(() => {
				this.#splitting = null;
				this.#split = true;
				this.#run();
			}, splitCharacterMs);
		}
		return half;
	}

	#noSplitting(): void {
		if (this.#splitting !== null) {
			clearTimeout(this.#splitting);
			this.#splitting = null;
		}
	}

	#recorded(length: number): void {
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
		this.#noSplitting();
		this.#queue = this.#queue.filter(isMark);
		this.#backlog = 0;
		this.#wake();
	}
}

function isMark(item: Uint8Array | PipelineMark): item is PipelineMark {
	return typeof item === "function";
}

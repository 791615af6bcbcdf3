import type { Problem } from "../../core/problem.ts";
import type { RecordingSummary } from "../../core/recording.ts";
import type { RunTerminal } from "../../steps/step-executor.ts";
import type { ByteLog } from "./byte-log.ts";

/** The terminal of a run that is under way, as the server holds it. */
export interface RunTerminalHandle extends RunTerminal {
	readonly session: string;
	readonly run: string;
	/** The bytes, for viewers. */
	readonly log: ByteLog;
	/** Why the job is held at the moment. */
	readonly held: Problem | null;
	/** Types into the process that runs. `who` is a pseudonym: it is recorded, the bytes are not. False when nothing takes it. */
	input(bytes: Uint8Array, who: string): boolean;
	/**
	 * Takes one question that the process has put to its terminal (a cursor report, say) and nobody has answered; false
	 * when there is none, and then an answer must not be typed: it is one to output that is being read again.
	 */
	takeQuery(): boolean;
	/** Another step is judged from here on: `outputText` gives only what its commands write. */
	beginOutput(): void;
	/** The new size of the screen: each side 1 to 1000. */
	resize(cols: number, rows: number): void;
	/** Puts a marker into the recording, after the output so far; resolves when it is written. */
	mark(label: string): Promise<void>;
	/** Makes what has been recorded so far durable, or rejects with `record-unwritable`. */
	sync(): Promise<void>;
	/**
	 * The run's `finally` lines follow, which run whatever happened: processes obey this signal instead, writes are no
	 * longer refused, and 1 MiB more of output is kept where the limit has been reached.
	 */
	beginFinally(signal: AbortSignal): void;
	/**
	 * The run is over: records the exit, syncs, seals, and tells the viewers where the end is.
	 * Rejects with `record-unwritable` when the recording can't be completed. Call once.
	 */
	finish(exit?: number | string): Promise<RecordingSummary>;
}

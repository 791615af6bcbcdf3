import { isProblem, type Problem, ProblemError, problem } from "../../core/problem.ts";
import { createRecordingEncoder, type RecordingEncoder, type RecordingSummary } from "../../core/recording.ts";
import type { RecordingWriter } from "../records/recording-store.ts";

export interface RecorderOptions {
	writer: RecordingWriter;
	/** Called with the problem when the recording can't be written, with null when it can again. */
	onHeld(problem: Problem | null): void;
	/** How long after a byte was written it is synced, at most. */
	syncMs: number;
	/** How often writing is tried again while it fails. */
	retryMs: number;
}

/** Writes one recording in order. While it can't be written, appends wait: whoever waits for them reads nothing more. */
export interface Recorder {
	readonly encoder: RecordingEncoder;
	/** The size of the file so far. */
	readonly bytes: number;
	/** Resolves when the operating system has all of it. Rejects with `record-unwritable` only after `abandon`. */
	append(lines: string | Uint8Array): Promise<void>;
	/** Nobody waits for the disk any longer: what waits is given up, and later appends too unless they succeed at once. */
	abandon(): void;
	/** Whether an append that was given up stands half in the file; the next append first writes the other half. */
	readonly torn: boolean;
	/** Makes what was appended durable, or rejects with `record-unwritable`. */
	sync(): Promise<void>;
	seal(): Promise<Pick<RecordingSummary, "file" | "sha256" | "bytes">>;
}

/** The caller awaits each append before the next one. */
export function createRecorder({ writer, onHeld, syncMs, retryMs }: RecorderOptions): Recorder {
	let abandoned = false;
	let held = false;
	let wake: (() => void) | null = null;
	let syncTimer: NodeJS.Timeout | null = null;
	let syncing: Promise<void> = Promise.resolve();
	let syncFailure: unknown = null;
	let otherHalf: Uint8Array | null = null;

	const hold = (error: unknown) => {
		held = true;
		onHeld(asProblem(error));
	};

	const syncLater = () => {
		syncTimer ??= setTimeout(() => {
			syncTimer = null;
			// A sync that failed is not tried again behind the writer's back: the next append meets its failure.
			syncing = writer.sync().catch((error: unknown) => {
				syncFailure = error;
			});
		}, syncMs);
	};

	const pause = () =>
		new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, retryMs);
			wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});

	return {
		encoder: createRecordingEncoder(),
		get bytes() {
			return writer.bytes;
		},
		async append(lines) {
			let rest: Uint8Array = typeof lines === "string" ? Buffer.from(lines) : lines;
			const length = rest.length;
			if (otherHalf !== null) {
				rest = Buffer.concat([otherHalf, rest]);
			}
			for (;;) {
				const before = writer.bytes;
				try {
					if (syncFailure !== null) {
						await writer.sync();
						syncFailure = null;
					}
					await writer.append(rest);
					otherHalf = null;
					break;
				} catch (error) {
					// Part of it may have been written; it must not be there twice.
					rest = rest.subarray(writer.bytes - before);
					if (abandoned) {
						otherHalf = unfinished(rest, length);
						throw ProblemError.of(asProblem(error));
					}
					hold(error);
					await pause();
				}
			}
			if (held) {
				held = false;
				onHeld(null);
			}
			syncLater();
		},
		get torn() {
			return otherHalf !== null;
		},
		abandon() {
			abandoned = true;
			wake?.();
		},
		async sync() {
			try {
				await writer.sync();
			} catch (error) {
				throw ProblemError.of(asProblem(error));
			}
		},
		async seal() {
			if (syncTimer !== null) {
				clearTimeout(syncTimer);
				syncTimer = null;
			}
			await syncing;
			return await writer.seal();
		},
	};
}

/** What of an older line, or of these lines' `length` bytes, still has to follow what is in the file. */
function unfinished(rest: Uint8Array, length: number): Uint8Array | null {
	if (rest.length > length) {
		return rest.subarray(0, rest.length - length);
	}
	return rest.length < length ? rest : null;
}

function asProblem(error: unknown): Problem {
	if (error instanceof ProblemError) {
		return error.problem;
	}
	if (isProblem(error)) {
		return error;
	}
	return problem(
		"record-unwritable",
		`The recording can't be written: ${error instanceof Error ? error.message : error}.`,
	);
}

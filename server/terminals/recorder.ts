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

	const syncLater = () => {
		syncTimer ??= setTimeout(() => {
			syncTimer = null;
			// A sync that fails ends the writer: the next append meets it.
			writer.sync().catch(() => {});
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
			const bytes = typeof lines === "string" ? Buffer.from(lines) : lines;
			for (;;) {
				try {
					await writer.append(bytes);
					break;
				} catch (error) {
					if (abandoned) {
						throw ProblemError.of(asProblem(error));
					}
					held = true;
					onHeld(asProblem(error));
					await pause();
				}
			}
			if (held) {
				held = false;
				onHeld(null);
			}
			syncLater();
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
			try {
				return await writer.seal();
			} catch (error) {
				throw ProblemError.of(asProblem(error));
			}
		},
	};
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

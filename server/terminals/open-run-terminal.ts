import { plainText } from "../../core/plain-text.ts";
import { type Problem, ProblemError } from "../../core/problem.ts";
import { outputLimitMark } from "../../core/recording.ts";
import type { RecordingStore } from "../records/recording-store.ts";
import { ByteLog } from "./byte-log.ts";
import type { Grace } from "./end-processes.ts";
import { createInputNotes } from "./input-notes.ts";
import { createMasking } from "./masker.ts";
import { OutputPipeline } from "./output-pipeline.ts";
import { OutputTail } from "./output-tail.ts";
import type { TerminalPlatform } from "./platform.ts";
import { openPty, type Pty } from "./pty.ts";
import { QueryCounter } from "./query-counter.ts";
import { createRecorder } from "./recorder.ts";
import type { RunTerminalHandle } from "./run-terminal.ts";
import { startJob } from "./start-job.ts";

/** Bounds of a terminal. */
export interface TerminalLimits {
	/** Output in bytes after which the run is stopped. */
	outputBytes: number;
	/** Output kept in memory for viewers. */
	windowBytes: number;
	grace: Grace;
	/** A written byte is on the disk after at most so many milliseconds. */
	syncMs: number;
}

export const defaultTerminalLimits: TerminalLimits = {
	outputBytes: 64 * 1024 * 1024,
	windowBytes: 4 * 1024 * 1024,
	grace: { interruptMs: 3000, terminateMs: 3000 },
	syncMs: 500,
};

/** Time as the terminals need it. */
export interface TerminalClock {
	now(): Date;
	monotonicMs(): number;
}

export interface RunTerminalOptions {
	session: string;
	run: string;
	recordings: Pick<RecordingStore, "create" | "read">;
	/** Aborts on cancel, timeout and shutdown: the process that runs is ended with grace. See `beginFinally`. */
	signal: AbortSignal;
	platform: TerminalPlatform;
	clock: TerminalClock;
	cols: number;
	rows: number;
	/** Values that must be seen nowhere. */
	secrets?: readonly string[];
	limits?: Partial<TerminalLimits>;
	/** The recording's title: the step. */
	title?: string;
	/** Told when the recording can't be written and the job is held, and (null) when it goes on. */
	onHeld?(problem: Problem | null): void;
	/** Told once when the output has reached its limit; what runs is being ended already. */
	onLimit?(problem: Problem): void;
}

/** Output that may wait for the recorder before the job does. */
const backlogHigh = 1024 * 1024;

/** What `finally` lines may add to an output that has reached its limit. */
const finallyBytes = 1024 * 1024;

/** Expressions see so much of the output. */
const outputTextBytes = 64 * 1024;

let lastChannel = 0;

/** Opens a run's terminal and its recording. Throws `record-unwritable` when that can't be begun. */
export async function openRunTerminal(options: RunTerminalOptions): Promise<RunTerminalHandle> {
	const { session, run, platform, clock } = options;
	const limits = { ...defaultTerminalLimits, ...options.limits };
	const writer = await options.recordings.create(session, run);
	const begin = clock.monotonicMs();
	const elapsed = () => clock.monotonicMs() - begin;

	let held: Problem | null = null;
	const recorder = createRecorder({
		writer,
		syncMs: limits.syncMs,
		retryMs: 250,
		onHeld(problem) {
			held = problem;
			options.onHeld?.(problem);
		},
	});
	const log = new ByteLog({
		// Numbers a process hands out; nothing but uniqueness matters.
		channel: ++lastChannel,
		cols: options.cols,
		rows: options.rows,
		windowBytes: limits.windowBytes,
		readRecording: (start, end) => options.recordings.read(session, run, start, end),
	});
	await recorder.append(
		recorder.encoder.header({
			cols: options.cols,
			rows: options.rows,
			startedAt: Math.floor(clock.now().getTime() / 1000),
			...(options.title === undefined ? {} : { title: options.title }),
		}),
	);

	let current: { pty: Pty; end(): void } | null = null;
	let { signal } = options;
	let inFinally = false;
	let accepted = 0;
	let limit = limits.outputBytes;
	let truncated = false;
	/** Output is no longer kept: there was too much, or the record can't be written. */
	let over: ProblemError | null = null;

	const queries = new QueryCounter();
	const pipeline = new OutputPipeline({
		monotonicMs: clock.monotonicMs,
		async record(pieces) {
			const lines = pieces.map((bytes) => Buffer.from(recorder.encoder.output(bytes, elapsed())));
			let file = recorder.bytes;
			try {
				await recorder.append(lines.length === 1 ? lines[0]! : Buffer.concat(lines));
			} catch (error) {
				truncated = true;
				stopKeeping(error as ProblemError);
				throw error;
			}
			for (const [i, bytes] of pieces.entries()) {
				queries.saw(bytes);
				log.append(bytes, file, file + lines[i]!.length);
				file += lines[i]!.length;
			}
		},
	});

	/** Lines that are no output have their place between it. Without them a recording is poorer, not wrong. */
	const note = (lines: () => string) =>
		pipeline.mark(async () => {
			await recorder.append(lines()).catch(() => {});
		});

	const refuseWhenOver = () => {
		if (over !== null && !inFinally) {
			throw over;
		}
	};

	const stopKeeping = (reason: ProblemError) => {
		over ??= reason;
		current?.end();
		current?.pty.resume();
	};

	const masking = createMasking(options.secrets ?? []);
	const masker = masking.open();
	const tail = new OutputTail(outputTextBytes);
	let outputBegin = 0;
	const keep = (bytes: Uint8Array, isOutput = true) => {
		if (over !== null) {
			return;
		}
		const room = limit - accepted;
		accepted += Math.min(bytes.length, room);
		pipeline.push(bytes.subarray(0, room));
		if (isOutput) {
			tail.append(bytes.subarray(0, room));
		}
		if (bytes.length > room) {
			truncated = true;
			note(() => recorder.encoder.marker(outputLimitMark, elapsed()));
			stopKeeping(
				new ProblemError("output-limit", `The step wrote more than ${limits.outputBytes} bytes and was stopped.`),
			);
			if (!inFinally) {
				options.onLimit?.(over!.problem);
			}
		}
	};

	const settle = async () => {
		keep(masker.flush());
		await pipeline.settle();
	};

	const inputs = createInputNotes((who, bytes) => note(() => recorder.encoder.input(who, bytes, elapsed())));

	const giveUp = () => recorder.abandon();
	signal.addEventListener("abort", giveUp);

	return {
		session,
		run,
		log,
		get held() {
			return held;
		},

		async write(text) {
			refuseWhenOver();
			keep(masker.push(typeof text === "string" ? asOnTerminal(text) : text));
			await pipeline.backlogBelow(0);
			refuseWhenOver();
		},

		async remark(text) {
			refuseWhenOver();
			// What is held back of the output is over here: the two must not be taken for one text.
			keep(masker.flush());
			const bytes = asOnTerminal(text);
			keep(Buffer.concat([masker.push(bytes), masker.flush()]), false);
			await pipeline.backlogBelow(0);
			refuseWhenOver();
		},

		async spawn(process) {
			signal.throwIfAborted();
			refuseWhenOver();
			if (current !== null) {
				throw new Error("A process runs in this terminal already.");
			}
			const { cols, rows } = log.size;
			const pty = openPty(cols, rows, (bytes) => {
				keep(masker.push(bytes));
				if (pipeline.backlog <= backlogHigh) {
					return true;
				}
				pipeline.backlogBelow(backlogHigh / 2).then(() => pty.resume());
				return false;
			});
			try {
				const job = startJob(process, { pty, run, platform, grace: limits.grace });
				current = { pty, end: job.end };
				queries.reset();
				const endedBy = signal;
				endedBy.addEventListener("abort", job.end);
				try {
					const exit = await job.exited;
					// Beside the last bytes and their sync; that it can't be looked for is no failure of the run.
					const looking = job.left().catch(() => []);
					await pty.drain(() => pipeline.backlogBelow(backlogHigh));
					const channels = await Promise.all(job.channels.map((channel) => channel.finish()));
					const strays = await job.ended();
					await settle();
					refuseWhenOver();
					const left = (await looking).map(({ pid, name }) => ({ pid, name }));
					return { ...exit, channels, strays, left };
				} finally {
					endedBy.removeEventListener("abort", job.end);
				}
			} finally {
				current = null;
				pty.close();
			}
		},

		// Masked again: what was written over or erased may have stood between a secret's characters.
		outputText: (from = 0) => masking.text(plainText(tail.since(Math.max(from, outputBegin)))),

		get outputEnd() {
			return tail.end;
		},

		beginOutput() {
			keep(masker.flush());
			outputBegin = tail.end;
		},

		input(bytes, who) {
			if (current === null || !current.pty.write(bytes)) {
				return false;
			}
			pipeline.expectEcho();
			inputs.add(who, bytes.length);
			return true;
		},

		takeQuery: () => queries.take(),

		resize(cols, rows) {
			if (cols === log.size.cols && rows === log.size.rows) {
				return;
			}
			current?.pty.resize(cols, rows);
			pipeline.mark(async () => {
				await recorder.append(recorder.encoder.resize(cols, rows, elapsed())).catch(() => {});
				log.resize(cols, rows);
			});
		},

		mark(label) {
			const text = masking.text(label);
			return new Promise((resolve, reject) => {
				pipeline.mark(() => recorder.append(recorder.encoder.marker(text, elapsed())).then(resolve, reject));
			});
		},

		sync: () => recorder.sync(),

		beginFinally(finallySignal) {
			signal.removeEventListener("abort", giveUp);
			signal = finallySignal;
			signal.addEventListener("abort", giveUp);
			if (over?.problem.code === "output-limit") {
				limit += finallyBytes;
				over = null;
			}
			inFinally = true;
		},

		async finish(exit) {
			inputs.flush();
			await settle();
			signal.removeEventListener("abort", giveUp);
			recorder.abandon();
			const durationMs = Math.round(elapsed());
			try {
				if (exit !== undefined) {
					await recorder.append(recorder.encoder.exit(exit, elapsed())).catch(() => {});
				}
				return { ...(await recorder.seal()), outputBytes: log.end, truncated, durationMs };
			} finally {
				log.finish();
			}
		},
	};
}

/** A terminal needs the carriage return that a line discipline would have added. */
function asOnTerminal(text: string): Uint8Array {
	return Buffer.from(text.replace(/\r?\n/g, "\r\n"));
}

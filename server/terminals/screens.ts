import { Worker } from "node:worker_threads";
import { frameHeaderBytes } from "../../core/terminal-protocol.ts";
import type { ByteLog } from "./byte-log.ts";

/** A screen as a terminal can be given it: reset, write `screen`, go on with the bytes from `offset`. */
export interface ScreenSnapshot {
	offset: number;
	cols: number;
	rows: number;
	screen: Uint8Array;
}

/** The screens of runs, kept in one worker thread so that parsing them holds up nobody. */
export interface Screens {
	/**
	 * Keeps the screen of a run from now on; once a run, as early as possible. Its parser follows a program that writes
	 * at a person's pace all along, and a flood only when somebody asks.
	 */
	follow(log: ByteLog): void;
	/** The screen at the last offset where no sequence is cut. Rejects when the worker has died. */
	snapshot(log: ByteLog): Promise<ScreenSnapshot>;
	close(): Promise<void>;
}

/** The worker follows by itself when so many bytes have come ... */
const followBytes = 256 * 1024;
/** ... and took at least this long: then it costs a few percent of a core. */
const followMs = 1000;

/** A program can write what takes a terminal minutes: nobody waits that long for its screen. */
const patienceMs = 15_000;

interface Followed {
	/** Up to where the worker has been fed. */
	fed: number;
	fedAt: number;
	/** On its way; whoever asks meanwhile gets the same. */
	snapshot: Promise<ScreenSnapshot> | null;
	stop(): void;
}

type Answer = ({ id: number } & ScreenSnapshot) | { id: number; error: string };

/** The worker starts with the first screen that is asked for. */
export function createScreens(monotonicMs: () => number): Screens {
	const followed = new Map<ByteLog, Followed>();
	const waiting = new Map<number, { resolve(answer: ScreenSnapshot): void; reject(error: Error): void }>();
	let worker: Worker | null = null;
	let lastId = 0;

	const failAll = (error: Error) => {
		worker = null;
		for (const { reject } of waiting.values()) {
			reject(error);
		}
		waiting.clear();
		for (const state of followed.values()) {
			state.fed = 0;
		}
	};

	const start = (): Worker => {
		const started = new Worker(new URL("./screen-worker.js", import.meta.url));
		started.unref();
		started.on("message", (answer: Answer) => {
			const waiter = waiting.get(answer.id);
			waiting.delete(answer.id);
			"error" in answer ? waiter?.reject(new Error(answer.error)) : waiter?.resolve(answer);
		});
		started.on("error", failAll);
		started.on("exit", () => {
			if (worker === started) {
				failAll(new Error("The screens' worker has ended."));
			}
		});
		return started;
	};

	const feed = (log: ByteLog, state: Followed) => {
		worker ??= start();
		// What has left the window is not on the screen any longer; what modes it set is lost with it.
		let offset = Math.max(state.fed, log.start);
		let first = true;
		while (offset < log.end || first) {
			first = false;
			const frame = log.frameAt(offset);
			const { cols, rows } = log.sizeAt(offset);
			const bytes = frame === null ? new Uint8Array(0) : frame.bytes.subarray(frameHeaderBytes + offset - frame.offset);
			worker.postMessage({ type: "feed", channel: log.channel, offset, cols, rows, bytes });
			offset += bytes.length;
		}
		state.fed = offset;
		state.fedAt = monotonicMs();
	};

	const forget = (log: ByteLog) => {
		followed.get(log)?.stop();
		followed.delete(log);
		worker?.postMessage({ type: "forget", channel: log.channel });
	};

	const follow = (log: ByteLog): Followed => {
		const known = followed.get(log);
		if (known !== undefined) {
			return known;
		}
		const stop = log.follow(() => {
			if (log.finished) {
				// Who still needs its screen gets one made of what is in memory; one that is being read is forgotten afterwards.
				if (state.snapshot === null) {
					forget(log);
				}
			} else if (log.end - state.fed >= followBytes && monotonicMs() - state.fedAt >= followMs) {
				feed(log, state);
			}
		});
		const state: Followed = { fed: 0, fedAt: monotonicMs(), snapshot: null, stop };
		followed.set(log, state);
		return state;
	};

	return {
		follow: (log) => void follow(log),
		snapshot(log) {
			const state = follow(log);
			if (state.snapshot !== null) {
				return state.snapshot;
			}
			feed(log, state);
			const id = ++lastId;
			const asked = new Promise<ScreenSnapshot>((resolve, reject) => {
				const timer = setTimeout(() => {
					waiting.delete(id);
					reject(new Error("The screen is not read in time."));
				}, patienceMs);
				timer.unref();
				waiting.set(id, { resolve, reject });
				worker!.postMessage({ type: "snapshot", channel: log.channel, id });
			});
			state.snapshot = asked;
			const over = () => {
				state.snapshot = null;
				if (log.finished) {
					forget(log);
				}
			};
			asked.then(over, over);
			return asked;
		},
		async close() {
			for (const state of followed.values()) {
				state.stop();
			}
			followed.clear();
			const ending = worker;
			worker = null;
			await ending?.terminate();
		},
	};
}

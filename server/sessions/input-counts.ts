import type { SessionQueue } from "./session-queue.ts";
import type { Caller } from "./sessions.ts";

/** How long typing is gathered before it becomes one event. */
const burstMs = 1000;

interface Burst {
	bytes: number;
	caller: Caller;
	timer: NodeJS.Timeout;
	queue: SessionQueue;
}

/** Typed input, as who and how many bytes: one event a burst, never the bytes. */
export class InputCounts {
	readonly #bursts = new Map<string, Burst>();

	add(queue: SessionQueue, run: string, bytes: number, caller: Caller): void {
		const key = `${run} ${caller.identity.id}`;
		const burst = this.#bursts.get(key);
		if (burst) {
			burst.bytes += bytes;
			return;
		}
		const timer = setTimeout(() => void this.#write(key, run), burstMs);
		this.#bursts.set(key, { bytes, caller, timer, queue });
	}

	/** Writes what has been gathered for a session; call before its run is over. */
	async flush(queue: SessionQueue): Promise<void> {
		for (const [key, burst] of this.#bursts) {
			if (burst.queue === queue) await this.#write(key, key.slice(0, key.indexOf(" ")));
		}
	}

	async #write(key: string, run: string): Promise<void> {
		const burst = this.#bursts.get(key);
		if (!burst) return;
		this.#bursts.delete(key);
		clearTimeout(burst.timer);
		const { queue, caller, bytes } = burst;
		// A run that ended meanwhile takes no more input: what was typed after it went nowhere.
		await queue
			.apply({ type: "record-input", run, bytes }, caller.identity, caller.origin, true)
			.catch(() => undefined);
	}
}

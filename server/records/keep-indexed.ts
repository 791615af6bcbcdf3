import type { EventStore } from "./event-store.ts";
import type { RecordingStore } from "./recording-store.ts";
import type { SearchIndex } from "./search.ts";

/**
 * Keeps the search index up with the record: first what it lacks, then what comes, one stream after the other.
 * `idle` resolves when it has taken in what was there when it was called; `stop` ends it at the next event.
 */
export function keepIndexed(
	index: SearchIndex,
	store: Pick<EventStore, "heads" | "read" | "follow">,
	recordings: Pick<RecordingStore, "size" | "read">,
	onError: (error: unknown) => void,
): { idle(): Promise<void>; stop(): Promise<void> } {
	const behind = new Set(store.heads().map(({ stream }) => stream));
	let running: Promise<void> | null = null;
	const run = async () => {
		for (let next = behind.values().next(); !next.done; next = behind.values().next()) {
			behind.delete(next.value);
			await index.catchUp(store, recordings, [next.value]);
		}
	};
	const wake = () => {
		running ??= run()
			.catch(onError)
			.finally(() => {
				running = null;
			});
	};
	const unfollow = store.follow((events) => {
		for (const { stream } of events) behind.add(stream);
		wake();
	});
	wake();
	const idle = async () => {
		while (running) await running;
	};
	return {
		idle,
		stop: async () => {
			unfollow();
			behind.clear();
			await idle();
		},
	};
}

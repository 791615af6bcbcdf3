import { type Signal, signal } from "@preact/signals";

/** Mounts a long document in slices: what is near the eye at once, the rest while the browser idles. */
export interface MountQueue {
	/** Whether an item stands; asking for one that does not puts it into the queue. */
	mounted(key: string): Signal<boolean>;
	/** Mounts an item now, because it is about to be seen. */
	hurry(key: string): void;
	dispose(): void;
}

/** Items that a slice mounts: cards take about a millisecond each. */
const perSlice = 8;

/** `atOnce`: how many of the first that are asked for are mounted immediately. */
export function createMountQueue(window: Window, atOnce: number): MountQueue {
	const states = new Map<string, Signal<boolean>>();
	const waiting = new Set<string>();
	let scheduled = false;
	let disposed = false;
	const idle: (run: () => void) => void =
		"requestIdleCallback" in window
			? (run) => window.requestIdleCallback(run, { timeout: 500 })
			: (run) => (window as Window).setTimeout(run, 30);
	const schedule = () => {
		if (scheduled || disposed || waiting.size === 0) return;
		scheduled = true;
		idle(() => {
			scheduled = false;
			if (disposed) return;
			let left = perSlice;
			for (const key of waiting) {
				if (left-- === 0) break;
				waiting.delete(key);
				const state = states.get(key);
				if (state) state.value = true;
			}
			schedule();
		});
	};
	return {
		mounted(key) {
			let state = states.get(key);
			if (!state) {
				state = signal(states.size < atOnce);
				states.set(key, state);
				if (!state.value) {
					waiting.add(key);
					schedule();
				}
			}
			return state;
		},
		hurry(key) {
			const state = states.get(key);
			if (!state || state.value) return;
			waiting.delete(key);
			state.value = true;
		},
		dispose() {
			disposed = true;
		},
	};
}

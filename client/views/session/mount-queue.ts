import { type Signal, signal } from "@preact/signals";

/** Mounts a long document in slices: what is near the eye at once, the rest while the browser idles. */
export interface MountQueue {
	/** Whether an item stands; asking for one that does not puts it into the queue. `weight`: how many steps it draws. */
	mounted(key: string, weight?: number): Signal<boolean>;
	/** Mounts an item now, because it is about to be seen. */
	hurry(key: string): void;
	dispose(): void;
}

/** Weight that a slice mounts: a step takes about a millisecond. */
const perSlice = 8;

/** `atOnce`: what weight of the first that are asked for is mounted immediately. */
export function createMountQueue(window: Window, atOnce: number): MountQueue {
	const states = new Map<string, Signal<boolean>>();
	const waiting = new Map<string, number>();
	let asked = 0;
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
			for (const [key, weight] of waiting) {
				if (left <= 0) break;
				left -= weight;
				waiting.delete(key);
				const state = states.get(key);
				if (state) state.value = true;
			}
			schedule();
		});
	};
	return {
		mounted(key, weight = 1) {
			let state = states.get(key);
			if (!state) {
				state = signal(asked < atOnce);
				asked += weight;
				states.set(key, state);
				if (!state.value) {
					waiting.set(key, weight);
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

import { effect, type ReadonlySignal, signal } from "@preact/signals";

/**
 * A computed value as a signal of its own: what depends on it hears of it when it has changed, and not whenever what it
 * is computed from has. In a session of a thousand steps each card hangs on a few of these, and every event moves what
 * they come from.
 */
export function settled<T>(
	compute: () => T,
	same: (before: T, now: T) => boolean = Object.is,
): { value: ReadonlySignal<T>; stop(): void } {
	const value = signal<T | undefined>(undefined);
	let first = true;
	const stop = effect(() => {
		const now = compute();
		if (!first && same(value.peek() as T, now)) return;
		first = false;
		value.value = now;
	});
	return { value: value as ReadonlySignal<T>, stop };
}

/** Whether two lists hold the same things in the same order. */
export function sameItems<T>(before: readonly T[], now: readonly T[]): boolean {
	return before.length === now.length && before.every((item, i) => item === now[i]);
}

import { type ReadonlySignal, signal } from "@preact/signals";

/** The time as the page shows it: Unix milliseconds of the *server's* clock, so that ages are true in a browser whose clock is off. */
export interface Clock {
	/** Moves once a second. */
	now: ReadonlySignal<number>;
	/** Moves five times a second, for what is live. */
	live: ReadonlySignal<number>;
	/** Tells a time (ISO) that the server wrote just now. */
	observe(iso: string): void;
	/** The time at this moment, for an event handler. */
	read(): number;
}

/**
 * The offset is the smallest difference seen between our time on hearing and the server's on writing:
 * what remains above it is the age of the message. Differences below two seconds are taken for that age.
 */
export function createClock(window: Window): Clock {
	let smallest = Number.POSITIVE_INFINITY;
	let offset = 0;
	const read = () => Date.now() - offset;
	const now = signal(read());
	const live = signal(read());
	window.setInterval(() => {
		if (window.document.hidden) return;
		live.value = read();
		if (live.value - now.value >= 950 || live.value < now.value) now.value = live.value;
	}, 200);
	window.document.addEventListener("visibilitychange", () => {
		now.value = read();
		live.value = read();
	});
	return {
		now,
		live,
		read,
		observe(iso) {
			const difference = Date.now() - Date.parse(iso);
			if (Number.isNaN(difference) || difference >= smallest) return;
			smallest = difference;
			offset = Math.abs(smallest) < 2_000 ? 0 : smallest;
		},
	};
}

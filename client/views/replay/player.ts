import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { advance, endOfRun, neighbourMark, type ReplayRun, type ReplayTimeline, runAt } from "./replay-timeline.ts";

/** The slow ones are for what was over in the blink of an eye. */
export const speeds = [0.1, 0.25, 1, 2, 4, 8, 16] as const;
/** A session shorter than this, in milliseconds, is played slowly until a speed is chosen. */
const shortSessionMs = 3_000;

export type Speed = (typeof speeds)[number];

/** The playhead of a session. Moments are Unix milliseconds. */
export interface Player {
	at: ReadonlySignal<number>;
	playing: ReadonlySignal<boolean>;
	speed: ReadonlySignal<Speed>;
	/** How far one press of an arrow goes, in milliseconds: 5 s, or a twentieth of a shorter session. */
	stride: ReadonlySignal<number>;
	skipIdle: ReadonlySignal<boolean>;
	/** The run at the playhead; null before the first. */
	run: ReadonlySignal<ReplayRun | null>;
	/** Goes to a moment; outside the session is its nearest end. */
	seek(at: number): void;
	toggle(): void;
	setSpeed(speed: Speed): void;
	changeSpeed(by: 1 | -1): void;
	toggleIdle(): void;
	toMark(direction: 1 | -1): void;
	/** To the next run, or the one before, where it has ended. */
	toRun(direction: 1 | -1): void;
	/** To a run, where it has ended. */
	show(run: ReplayRun): void;
	/** Plays a run from its start. */
	playRun(run: ReplayRun): void;
	dispose(): void;
}

export function createPlayer(timeline: ReadonlySignal<ReplayTimeline | null>, window: Window): Player {
	/** Null stands at the beginning until the timeline is known. */
	const wanted = signal<number | null>(null);
	const playing = signal(false);
	const chosen = signal<Speed | null>(null);
	const length = computed(() => (timeline.value ? timeline.value.to - timeline.value.from : 0));
	const speed = computed((): Speed => chosen.value ?? (length.value > 0 && length.value < shortSessionMs ? 0.1 : 1));
	const stride = computed(() => Math.min(5_000, Math.max(1, length.value / 20)));
	const skipIdle = signal(true);
	const at = computed(() => {
		const line = timeline.value;
		if (!line) return wanted.value ?? 0;
		return Math.min(line.to, Math.max(line.from, wanted.value ?? line.from));
	});
	const run = computed(() => (timeline.value ? runAt(timeline.value, at.value) : null));

	let frame = 0;
	const stop = effect(() => {
		if (!playing.value) return;
		let before = performance.now();
		const tick = (now: number) => {
			const line = timeline.peek();
			if (!line) return;
			wanted.value = advance(line, at.peek(), (now - before) * speed.peek(), skipIdle.peek());
			before = now;
			if (at.peek() >= line.to) playing.value = false;
			else frame = window.requestAnimationFrame(tick);
		};
		frame = window.requestAnimationFrame(tick);
		return () => window.cancelAnimationFrame(frame);
	});

	const seek = (to: number) => {
		wanted.value = to;
	};
	return {
		at,
		playing,
		speed,
		stride,
		skipIdle,
		run,
		seek,
		toggle() {
			const line = timeline.peek();
			// At the end there is nothing to play: it begins again.
			if (!playing.peek() && line && at.peek() >= line.to) wanted.value = line.from;
			playing.value = !playing.peek();
		},
		setSpeed(value) {
			chosen.value = value;
		},
		changeSpeed(by) {
			chosen.value = speeds[speeds.indexOf(speed.peek()) + by] ?? speed.peek();
		},
		toggleIdle() {
			skipIdle.value = !skipIdle.peek();
		},
		toMark(direction) {
			const line = timeline.peek();
			if (!line) return;
			const mark = neighbourMark(line.marks, at.peek(), direction);
			seek(mark?.at ?? (direction === 1 ? line.to : line.from));
		},
		toRun(direction) {
			const line = timeline.peek();
			if (!line) return;
			const index = run.peek() === null ? -1 : line.runs.indexOf(run.peek() as ReplayRun);
			const next = line.runs[index + direction];
			if (next) seek(endOfRun(line, next));
			else if (direction === -1) seek(line.from);
		},
		show(to) {
			const line = timeline.peek();
			if (line) seek(endOfRun(line, to));
		},
		playRun(from) {
			seek(from.startedAt);
			playing.value = true;
		},
		dispose() {
			stop();
			window.cancelAnimationFrame(frame);
		},
	};
}

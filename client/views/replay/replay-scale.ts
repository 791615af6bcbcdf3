import type { Stretch } from "./replay-timeline.ts";

/** Where a moment stands on a line from 0 to 1, and back. */
export interface ReplayScale {
	/** Idle time is drawn shorter than it was, because it would leave no room for the rest. The page says so. */
	shortened: boolean;
	/** From 0 to 1; what lies outside is at the ends. `at` in Unix milliseconds. */
	place(at: number): number;
	moment(place: number): number;
}

/** Idle time may take this part of the line before it is drawn shorter. */
const idleShare = 0.6;

/**
 * A scale that is true: a second is as wide everywhere, as long as what happened has room. When most of the time was
 * idle, all idle stretches are drawn shorter by one factor, so that busy time keeps two fifths of the line.
 */
export function replayScale(stretches: readonly Stretch[]): ReplayScale {
	let idle = 0;
	let busy = 0;
	for (const stretch of stretches) {
		if (stretch.idle) idle += stretch.to - stretch.from;
		else busy += stretch.to - stretch.from;
	}
	const shortened = idle > (idle + busy) * idleShare;
	const factor = shortened && idle > 0 ? (busy * (idleShare / (1 - idleShare))) / idle : 1;
	const total = busy + idle * factor;
	const parts: { from: number; to: number; start: number; end: number }[] = [];
	let width = 0;
	for (const { from, to, idle: resting } of stretches) {
		const start = width;
		width += (to - from) * (resting ? factor : 1);
		parts.push({ from, to, start, end: width });
	}
	const last = parts.at(-1);
	return {
		shortened,
		place(at) {
			const part = parts.find((p) => at <= p.to) ?? last;
			if (!part || total === 0) return 0;
			const within = part.to === part.from ? 0 : (at - part.from) / (part.to - part.from);
			return clamp((part.start + Math.min(1, Math.max(0, within)) * (part.end - part.start)) / total);
		},
		moment(place) {
			const at = clamp(place) * total;
			const part = parts.find((p) => at <= p.end) ?? last;
			if (!part) return 0;
			const within = part.end === part.start ? 0 : (at - part.start) / (part.end - part.start);
			return part.from + within * (part.to - part.from);
		},
	};
}

function clamp(value: number): number {
	return Math.min(1, Math.max(0, value));
}

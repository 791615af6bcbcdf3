import type { LabEvent, ProbeResult } from "../../../core/lab.ts";

/** How many seconds the chart of a running probe looks back. */
export const chartSeconds = 60;
/** A stopped one's looks back to its longest gap, but no further than an hour: a second must be seen. */
const mostChartSeconds = 3_600;
const beforeGapSeconds = 5;

/** The last stretch of a probe, second by second. */
export interface ProbeSeries {
	/** Unix seconds at which they begin; the last one is the latest whole second. */
	seconds: number[];
	/** Acknowledged writes in that second; null before the probe began, and where a measured gap takes most of it. */
	acknowledged: (number | null)[];
	/** Acknowledged in the latest whole second; null when there is none. */
	now: number | null;
}

/** How many seconds a chart that ends at `end` (Unix milliseconds) shows: a gap that is told in figures is drawn once it is over, too. */
export function chartStretch(
	{ running }: Pick<ProbeResult, "running">,
	end: number,
	gaps: readonly ProbeGap[],
): number {
	const longest = gaps.find((gap) => gap.exact);
	if (running || !longest) return chartSeconds;
	const wanted = Math.ceil((end - longest.from) / 1000) + beforeGapSeconds;
	return Math.min(Math.max(chartSeconds, wanted), mostChartSeconds);
}

/** `now` in Unix milliseconds of the lab's clock; `stretch` in seconds. */
export function probeSeries(
	probe: Pick<ProbeResult, "samples">,
	now: number,
	gaps: readonly ProbeGap[] = [],
	stretch = chartSeconds,
): ProbeSeries {
	const bySecond = new Map(probe.samples.map((sample) => [Math.floor(sample.at / 1000), sample.acknowledged]));
	const last = Math.max(Math.floor(now / 1000) - 1, ...bySecond.keys());
	const seconds = Array.from({ length: stretch }, (_, i) => last - stretch + 1 + i);
	return {
		seconds,
		acknowledged: seconds.map((second) => {
			const middle = second * 1000 + 500;
			const inGap = gaps.some((gap) => gap.from <= middle && middle <= gap.to);
			return inGap ? null : (bySecond.get(second) ?? null);
		}),
		now: probe.samples.at(-1)?.acknowledged ?? null,
	};
}

/** Where a stopped probe's last whole second ended, Unix milliseconds; 0 when it stopped within its first. */
export function probeEnd({ samples }: Pick<ProbeResult, "samples">): number {
	const last = samples.at(-1);
	return last === undefined ? 0 : last.at + 1_000;
}

/** A stretch without an acknowledged write, in Unix milliseconds; `exact` when it was measured and not counted in seconds. */
export interface ProbeGap {
	from: number;
	to: number;
	ms: number;
	exact: boolean;
	/** It lasts still. */
	open: boolean;
}

/**
 * The gaps to draw: the longest one as the probe measured it, others as whole seconds without an acknowledged write.
 * A single such second is no gap of its own: a slow probe has those.
 */
export function probeGaps(probe: Pick<ProbeResult, "samples" | "gap" | "rtoMs" | "running">, now: number): ProbeGap[] {
	const gaps: ProbeGap[] = [];
	let measured: ProbeGap | null = null;
	if (probe.gap !== null && probe.rtoMs !== null) {
		const from = Date.parse(probe.gap.from);
		const open = probe.gap.to === null && probe.running;
		const to =
			probe.gap.to === null
				? open
					? Math.max(now, from + probe.rtoMs)
					: from + probe.rtoMs
				: Date.parse(probe.gap.to);
		measured = { from, to, ms: open ? to - from : probe.rtoMs, exact: true, open };
		gaps.push(measured);
	}
	let begun: number | null = null;
	const end = (to: number) => {
		const overlaps = measured !== null && begun !== null && begun < measured.to && to > measured.from;
		if (begun !== null && to - begun >= 2_000 && !overlaps) {
			gaps.push({ from: begun, to, ms: to - begun, exact: false, open: false });
		}
		begun = null;
	};
	for (const { at, acknowledged } of probe.samples) {
		if (acknowledged === 0) begun ??= at;
		else end(at);
	}
	const last = probe.samples.at(-1);
	if (last) end(last.at + 1_000);
	return gaps.sort((a, b) => a.from - b.from);
}

/** `2.21 s`, `94.1 s`, `2 m 05`: as exact as it was measured. Takes milliseconds. */
export function gapWords({ ms, exact }: Pick<ProbeGap, "ms" | "exact">): string {
	if (!exact) return `about ${Math.round(ms / 1000)} s`;
	if (ms < 1_000) return `${Math.round(ms)} ms`;
	if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
	if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
	const seconds = Math.round(ms / 1000);
	return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")}`;
}

/** What is worth a mark on the chart: a fault, a healing, a promotion. */
export interface ChartMark {
	at: number;
	text: string;
}

const marked = ["fault.injected", "fault.healed", "master.changed", "lab.reset"];

/**
 * The marks of the chart's stretch (in seconds), which ends at `end` (Unix milliseconds): now, or where the probe stopped. What came
 * after it the probe did not see, so it belongs to no line of it.
 */
export function chartMarks(events: readonly LabEvent[], end: number, stretch = chartSeconds): ChartMark[] {
	return events
		.filter((event) => event.type !== undefined && marked.includes(event.type))
		.map((event) => ({ at: Date.parse(event.at), text: event.text.split(/[;(,]/, 1)[0]?.trim() ?? "" }))
		.filter((mark) => mark.at > end - stretch * 1000 && mark.at <= end);
}

/** Puts labels of given widths at their places in as few rows as need be, so that none covers another; those beyond `rows` are left out. */
export function layLabels(
	labels: readonly { x: number; width: number }[],
	room: number,
	rows: number,
): ({ x: number; row: number } | null)[] {
	const ends = new Array<number>(rows).fill(Number.NEGATIVE_INFINITY);
	return labels.map(({ x, width }) => {
		const from = Math.max(0, Math.min(x, room - width));
		const row = ends.findIndex((end) => end + 8 <= from);
		if (row === -1) return null;
		ends[row] = from + width;
		return { x: from, row };
	});
}

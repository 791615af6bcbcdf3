import { type EventToApply, replay } from "../../../core/evolve.ts";
import { type Content, sessionEventSchema } from "../../../core/session-event.ts";
import type { RunState } from "../../../core/session-state.ts";
import type { Topology } from "../../../core/target.ts";
import { parseContent } from "../session/parse-content.ts";
import { recordedTopologies } from "../session/recorded-topology.ts";
import { changesBetween } from "../session/topology/topology-changes.ts";

/** What stands at a moment of a session. `failed` is a step that did not succeed. */
export type ReplayMarkKind = "step" | "failed" | "note" | "approval" | "deviation" | "topology";

export interface ReplayMark {
	/** Unix time in milliseconds. */
	at: number;
	kind: ReplayMarkKind;
	/** What it says: the step, the note's first line, what changed. */
	label: string;
	seq: number;
	run?: string;
	step?: string;
	/** Of a deviation. */
	deviation?: "skipped" | "edited" | "added";
}

/** A run on the session's clock, in Unix milliseconds. */
export interface ReplayRun {
	run: string;
	step: string;
	startedAt: number;
	/** Null while it runs. */
	finishedAt: number | null;
	state: RunState;
	/** Of `run.started` and `run.finished`. */
	startedSeq: number;
	finishedSeq: number | null;
}

/** A part of the time in which something happened, or nothing. They follow each other without a gap. */
export interface Stretch {
	from: number;
	to: number;
	idle: boolean;
}

/** A session as a player sees it. Times in Unix milliseconds. */
export interface ReplayTimeline {
	from: number;
	to: number;
	/** By the time of their start. Requests that never started are not among them. */
	runs: ReplayRun[];
	/** By time. */
	marks: ReplayMark[];
	stretches: Stretch[];
}

const deviations = { "step.skipped": "skipped", "step.edited": "edited", "step.added": "added" } as const;

/** Two beats further apart than this leave idle time between them. */
const idleAfterMs = 3_000;
/** What is kept of the silence after a beat and before the next one, so that a player does not jump into the middle of a word. */
const keptAfterMs = 1_000;
const keptBeforeMs = 500;

/**
 * Puts a session's events on one line of time. `beats` are the moments of output of a run, in milliseconds since its
 * start; a run whose beats are not known counts as busy from start to end.
 */
export function replayTimeline(
	session: string,
	events: readonly EventToApply[],
	beats: ReadonlyMap<string, readonly number[]> = new Map(),
): ReplayTimeline {
	const state = replay(session, events);
	const runs = new Map<string, ReplayRun>();
	const marks: ReplayMark[] = [];
	const known = new Map<string, Topology>();
	const observe = (content: Content | undefined, mark: Omit<ReplayMark, "kind" | "label">) => {
		for (const topology of recordedTopologies(parseContent(content))) {
			const before = known.get(topology.cluster);
			// The steps of a group all begin with the reading from before the group.
			if (before && topology.readAt < before.readAt) continue;
			known.set(topology.cluster, topology);
			const changes = before ? changesBetween(before, topology) : [];
			if (changes.length > 0) marks.push({ ...mark, kind: "topology", label: changes.map((c) => c.words).join(", ") });
		}
	};
	for (const event of events) {
		const at = Date.parse(event.at);
		const parsed = sessionEventSchema.safeParse({ type: event.type, data: event.data });
		if (!parsed.success) continue;
		const { type, data } = parsed.data;
		if (type === "run.started") {
			const of = state.runs[data.run];
			if (!of || runs.has(data.run)) continue;
			const bad = of.outcome !== undefined && of.outcome !== "succeeded" && of.outcome !== "skipped";
			const { run, step } = data;
			runs.set(run, {
				run,
				step,
				startedAt: at,
				finishedAt: null,
				state: of,
				startedSeq: event.seq,
				finishedSeq: null,
			});
			marks.push({ at, kind: bad ? "failed" : "step", label: step, seq: event.seq, run, step });
			observe(data.topologyBefore, { at, seq: event.seq, run, step });
		} else if (type === "run.finished") {
			const run = runs.get(data.run);
			if (!run || run.finishedAt !== null) continue;
			run.finishedAt = at;
			run.finishedSeq = event.seq;
			observe(data.topologyAfter, { at, seq: event.seq, run: data.run, step: data.step });
		} else if (type === "note.added") {
			const label = (data.text.content ?? "a note, erased").split("\n", 1)[0] ?? "";
			marks.push({
				at,
				kind: "note",
				label,
				seq: event.seq,
				...(data.run ? { run: data.run } : {}),
				...(data.step ? { step: data.step } : {}),
			});
		} else if (type === "run.approved") {
			marks.push({ at, kind: "approval", label: state.runs[data.run]?.step ?? "", seq: event.seq, run: data.run });
		} else if (type === "step.skipped" || type === "step.edited" || type === "step.added") {
			const deviation = deviations[type];
			marks.push({ at, kind: "deviation", label: data.step, seq: event.seq, step: data.step, deviation });
		}
	}
	const ordered = [...runs.values()].sort((a, b) => a.startedAt - b.startedAt || a.startedSeq - b.startedSeq);
	marks.sort((a, b) => a.at - b.at || a.seq - b.seq);
	return { ...stretchesOf(events, ordered, beats), runs: ordered, marks };
}

function stretchesOf(
	events: readonly EventToApply[],
	runs: readonly ReplayRun[],
	beats: ReadonlyMap<string, readonly number[]>,
): Pick<ReplayTimeline, "from" | "to" | "stretches"> {
	const moments = events.map((event): [number, number] => [Date.parse(event.at), Date.parse(event.at)]);
	for (const run of runs) {
		const own = beats.get(run.run);
		if (own) for (const ms of own) moments.push([run.startedAt + ms, run.startedAt + ms]);
		// A person's answer has no output between: the wait for it is idle.
		else if (run.finishedAt !== null && run.state.recording !== null) moments.push([run.startedAt, run.finishedAt]);
	}
	const busy = moments.filter(([from]) => Number.isFinite(from)).sort((a, b) => a[0] - b[0]);
	const first = busy[0];
	if (!first) return { from: 0, to: 0, stretches: [] };
	const stretches: Stretch[] = [];
	let from = first[0];
	let end = first[1];
	for (const [start, stop] of busy) {
		if (start - end > idleAfterMs) {
			stretches.push({ from, to: end + keptAfterMs, idle: false });
			stretches.push({ from: end + keptAfterMs, to: start - keptBeforeMs, idle: true });
			from = start - keptBeforeMs;
		}
		end = Math.max(end, stop);
	}
	stretches.push({ from, to: end, idle: false });
	return { from: first[0], to: end, stretches };
}

/** The run that a player shows at a moment: the latest that had begun; null before the first. */
export function runAt(timeline: Pick<ReplayTimeline, "runs">, at: number): ReplayRun | null {
	return timeline.runs.findLast((run) => run.startedAt <= at) ?? null;
}

/** Where a run is seen with what came of it: its end, or just before the next one takes the screen; while it runs, the latest moment. */
export function endOfRun(timeline: Pick<ReplayTimeline, "runs" | "to">, run: ReplayRun): number {
	const next = timeline.runs[timeline.runs.indexOf(run) + 1];
	const end = run.finishedAt ?? timeline.to;
	return next ? Math.max(run.startedAt, Math.min(end, next.startedAt - 1)) : end;
}

/** The last event at or before a moment; its index, -1 when there is none. Events are in order of time, as a rule. */
export function eventIndexAt(events: readonly { at: string }[], at: number): number {
	return events.findLastIndex((event) => Date.parse(event.at) <= at);
}

/** Where a player is after `ms` of playing: idle stretches are passed over when `skipIdle`, and the end is the end. */
export function advance(timeline: ReplayTimeline, at: number, ms: number, skipIdle: boolean): number {
	let now = Math.max(at, timeline.from);
	let left = ms;
	if (!skipIdle) return Math.min(now + left, timeline.to);
	for (const stretch of timeline.stretches) {
		if (stretch.to <= now) continue;
		if (stretch.idle) {
			now = stretch.to;
			continue;
		}
		const room = stretch.to - now;
		if (left <= room) return now + left;
		left -= room;
		now = stretch.to;
	}
	return timeline.to;
}

/** The next mark after a moment, or the one before; null when there is none. Going back has a second of grace, so that it leaves the mark just passed. */
export function neighbourMark(marks: readonly ReplayMark[], at: number, direction: 1 | -1): ReplayMark | null {
	if (direction === 1) return marks.find((mark) => mark.at > at) ?? null;
	return marks.findLast((mark) => mark.at < at - 1_000) ?? marks.findLast((mark) => mark.at < at) ?? null;
}

import { expect, it } from "vitest";
import type { EventToApply } from "../../../core/evolve.ts";
import { topologyForExpressions } from "../../../core/expression-topology.ts";
import type { Topology } from "../../../core/target.ts";
import { replayScale } from "./replay-scale.ts";
import { advance, endOfRun, eventIndexAt, neighbourMark, replayTimeline, runAt } from "./replay-timeline.ts";

const digest = "a".repeat(64);
const content = (text: string) => ({ ref: digest, bytes: text.length, content: text });
const begin = Date.parse("2026-11-14T02:14:00.000Z");

/** Events at seconds after the beginning. */
function session(...parts: [seconds: number, type: string, data: object][]): EventToApply[] {
	return parts.map(([seconds, type, data], i) => ({
		seq: i + 1,
		at: new Date(begin + seconds * 1000).toISOString(),
		actor: { id: "p1" },
		type,
		data,
	}));
}

const opened = {
	session: "s1",
	kind: "incident",
	runbook: { path: "a.md", digest },
	title: content("A"),
	source: content("# A"),
	outline: content(
		JSON.stringify([
			{ name: "check", type: "redis" },
			{ name: "promote", type: "redis" },
		]),
	),
};
const requested = (run: string, step: string, attempt = 1) => ({
	unit: { name: step, group: false },
	runs: [{ run, step, attempt }],
	planDigest: digest,
	plan: content("{}"),
	risk: "read",
	environment: "lab",
	confirmation: "none",
	approvalNeeded: false,
});
const topologies = (master: string) =>
	content(
		JSON.stringify([
			{
				cluster: "orders",
				kind: "redis",
				environment: "lab",
				members: ["cache-1", "cache-2"].map((name) => ({
					name,
					address: `${name}:6379`,
					role: name === master ? "master" : "replica",
					id: name,
					health: "up",
				})),
				disputes: [],
				attributes: {},
				readAt: "",
			},
		]),
	);
const started = (run: string, step: string, master = "cache-1") => ({
	run,
	step,
	planDigest: digest,
	plan: content("{}"),
	approval: null,
	topologyBefore: topologies(master),
});
const finished = (run: string, step: string, outcome: string, master = "cache-1") => ({
	run,
	step,
	outcome,
	exitCode: 0,
	checked: true,
	recording: {
		file: `recordings/${run}.cast`,
		sha256: digest,
		bytes: 1,
		outputBytes: 1,
		truncated: false,
		durationMs: 1,
	},
	topologyAfter: topologies(master),
});

const events = session(
	[0, "session.opened", opened],
	[10, "run.requested", requested("r1", "check")],
	[10, "run.started", started("r1", "check")],
	[11, "run.finished", finished("r1", "check", "failed")],
	[12, "note.added", { note: "n1", text: content("strange\nindeed"), attachments: [] }],
	[60, "run.requested", requested("r2", "promote")],
	[60, "run.started", started("r2", "promote")],
	[70, "run.finished", finished("r2", "promote", "succeeded", "cache-2")],
	[71, "step.skipped", { step: "check", reason: content("no") }],
);

it("marks are the steps by their outcome, notes by their first line, deviations, and what changed in the topology", () => {
	const { marks } = replayTimeline("s1", events);
	expect(marks.map((m) => [(m.at - begin) / 1000, m.kind, m.label])).toEqual([
		[10, "failed", "check"],
		[12, "note", "strange"],
		[60, "step", "promote"],
		[70, "topology", "cache-1 is replica, was master, cache-2 is master, was replica"],
		[71, "deviation", "check"],
	]);
});

it("a topology that changed between two runs is marked where the second one saw it", () => {
	const between = session(
		[0, "session.opened", opened],
		[1, "run.requested", requested("r1", "check")],
		[1, "run.started", started("r1", "check", "cache-1")],
		[2, "run.finished", finished("r1", "check", "succeeded", "cache-1")],
		[3, "run.requested", requested("r2", "promote")],
		[3, "run.started", started("r2", "promote", "cache-2")],
	);
	const topology = replayTimeline("s1", between).marks.filter((m) => m.kind === "topology");
	expect(topology.map((m) => m.at - begin)).toEqual([3000]);
});

it("time without an event or a byte of output is idle, with a little of it kept on both sides", () => {
	const { stretches } = replayTimeline("s1", events, new Map([["r2", [0, 1000, 9000]]]));
	expect(stretches.map((s) => [(s.from - begin) / 1000, (s.to - begin) / 1000, s.idle])).toEqual([
		[0, 1, false],
		[1, 9.5, true],
		[9.5, 13, false],
		[13, 59.5, true],
		[59.5, 62, false],
		[62, 68.5, true],
		[68.5, 71, false],
	]);
});

it("a run whose output is not known yet is busy throughout", () => {
	const { stretches } = replayTimeline("s1", events);
	expect(stretches.at(-1)).toEqual({ from: begin + 59_500, to: begin + 71_000, idle: false });
});

it("the run shown at a moment is the latest that had begun, and a run that still goes on has no end", () => {
	const timeline = replayTimeline("s1", events.slice(0, 7));
	expect(runAt(timeline, begin)).toBeNull();
	expect(runAt(timeline, begin + 30_000)?.run).toBe("r1");
	expect(runAt(timeline, begin + 60_000)?.run).toBe("r2");
	expect(runAt(timeline, begin + 60_000)?.finishedAt).toBeNull();
	expect(eventIndexAt(events, begin + 11_500)).toBe(3);
	expect(eventIndexAt(events, begin - 1)).toBe(-1);
});

it("a run is looked at where it has ended, and not where the next one has the screen already", () => {
	const timeline = replayTimeline("s1", events);
	const [first, second] = timeline.runs;
	if (!first || !second) throw new Error("two runs are there");
	expect(endOfRun(timeline, first)).toBe(begin + 11_000);
	expect(endOfRun({ ...timeline, runs: [{ ...first, finishedAt: begin + 60_000 }, second] }, second)).toBe(
		begin + 70_000,
	);
	const tight = [{ ...first, finishedAt: second.startedAt }, second];
	expect(endOfRun({ ...timeline, runs: tight }, tight[0] as typeof first)).toBe(second.startedAt - 1);
	const running = replayTimeline("s1", events.slice(0, 7));
	expect(endOfRun(running, running.runs[1] as typeof first)).toBe(running.to);
});

it("playing jumps over idle time when told so, takes as long as it was when not, and stops at the end", () => {
	const timeline = replayTimeline("s1", events);
	expect(advance(timeline, begin, 500, true)).toBe(begin + 500);
	expect(advance(timeline, begin, 1_500, true)).toBe(begin + 10_000);
	expect(advance(timeline, begin + 5_000, 0, true)).toBe(begin + 9_500);
	expect(advance(timeline, begin, 20_000, false)).toBe(begin + 20_000);
	expect(advance(timeline, begin, 10 ** 9, true)).toBe(timeline.to);
	expect(advance(timeline, timeline.to, 1_000, true)).toBe(timeline.to);
});

it("going back to the mark before leaves the one that was just passed", () => {
	const { marks } = replayTimeline("s1", events);
	expect(neighbourMark(marks, begin, 1)?.label).toBe("check");
	expect(neighbourMark(marks, begin + 60_300, -1)?.label).toBe("strange");
	expect(neighbourMark(marks, begin + 64_000, -1)?.label).toBe("promote");
	expect(neighbourMark(marks, begin + 10_000, -1)).toBeNull();
	expect(neighbourMark(marks, begin + 71_000, 1)).toBeNull();
});

it("the scale is linear, and there and back gives the same moment", () => {
	const scale = replayScale([
		{ from: 0, to: 50, idle: false },
		{ from: 50, to: 100, idle: true },
	]);
	expect(scale.shortened).toBe(false);
	expect([0, 25, 50, 75, 100, 120, -5].map(scale.place)).toEqual([0, 0.25, 0.5, 0.75, 1, 1, 0]);
	expect([0, 13, 50, 77, 100].map((at) => Math.round(scale.moment(scale.place(at))))).toEqual([0, 13, 50, 77, 100]);
});

it("idle hours leave two fifths of the line to what happened", () => {
	const scale = replayScale([
		{ from: 0, to: 100, idle: false },
		{ from: 100, to: 9_900, idle: true },
		{ from: 9_900, to: 10_000, idle: false },
	]);
	expect(scale.shortened).toBe(true);
	expect(scale.place(100)).toBeCloseTo(0.2);
	expect(scale.place(9_900)).toBeCloseTo(0.8);
	expect(scale.moment(0.5)).toBeCloseTo(5_000);
	expect(scale.moment(scale.place(9_950))).toBeCloseTo(9_950);
});

it("a session without any time in it has a scale that does not divide by zero", () => {
	const scale = replayScale([{ from: 5, to: 5, idle: false }]);
	expect(scale.place(5)).toBe(0);
	expect(scale.moment(0.5)).toBe(5);
	expect(replayScale([]).moment(0.5)).toBe(0);
});

it("the topology is read in either shape that events hold it in, and a group's first reading, said again later, is no change", () => {
	const reading = (master: string, second: number): Topology => ({
		cluster: "orders",
		kind: "redis",
		environment: "lab",
		members: ["cache-1", "cache-2"].map((name) => ({
			name,
			address: `${name}:6379`,
			role: name === master ? "master" : "replica",
			id: name,
			health: "up" as const,
			...(name === master ? {} : { follows: `${master}:6379` }),
		})),
		disputes: [],
		attributes: {},
		readAt: new Date(begin + second * 1000).toISOString(),
	});
	const before = content(JSON.stringify(topologyForExpressions(reading("cache-1", 10))));
	const after = (master: string, second: number) => content(JSON.stringify(reading(master, second)));
	const { marks } = replayTimeline(
		"s1",
		session(
			[0, "session.opened", opened],
			[10, "run.requested", requested("r1", "check")],
			[10, "run.started", { ...started("r1", "check"), topologyBefore: before }],
			[12, "run.finished", { ...finished("r1", "check", "succeeded"), topologyAfter: after("cache-2", 12) }],
			[13, "run.requested", requested("r2", "promote")],
			[13, "run.started", { ...started("r2", "promote"), topologyBefore: before }],
			[14, "run.finished", { ...finished("r2", "promote", "succeeded"), topologyAfter: after("cache-2", 14) }],
		),
	);
	expect(marks.filter((m) => m.kind === "topology").map((m) => [(m.at - begin) / 1000, m.label])).toEqual([
		[12, "cache-1 is replica, was master, cache-1 follows cache-2, cache-2 is master, was replica"],
	]);
});

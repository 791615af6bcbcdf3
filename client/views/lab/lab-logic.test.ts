import { expect, it } from "vitest";
import type { LabNodeStatus, ProbeResult, ProbeSample } from "../../../core/lab.ts";
import { faultDone, freeName, labSummary, wholeSeconds } from "./lab-words.ts";
import { chartMarks, chartStretch, gapWords, layLabels, probeEnd, probeGaps, probeSeries } from "./probe-series.ts";

const begin = 1_763_086_500_000;
const samples = (...acknowledged: number[]): ProbeSample[] =>
	acknowledged.map((count, i) => ({ at: begin + i * 1000, acknowledged: count, failed: 0 }));
const probe = (more: Partial<ProbeResult>): ProbeResult => ({
	kind: "client",
	running: true,
	acknowledged: 0,
	failed: 0,
	indeterminate: 0,
	rtoMs: null,
	gap: null,
	lost: null,
	perSecond: 300,
	samples: [],
	...more,
});

it("the chart is the last minute second by second, empty before the probe began", () => {
	const series = probeSeries(probe({ samples: samples(300, 310, 0) }), begin + 3_400);
	expect(series.seconds).toHaveLength(60);
	expect(series.seconds.at(-1)).toBe(begin / 1000 + 2);
	expect(series.acknowledged.slice(-4)).toEqual([null, 300, 310, 0]);
	expect(series.now).toBe(0);
	expect(probeSeries(probe({}), begin).now).toBeNull();
});

it("the line breaks where a gap takes most of a second, so that it never runs through one", () => {
	const known = probe({
		samples: samples(300, 280, 0, 0, 60, 300),
		rtoMs: 2_250,
		gap: { from: new Date(begin + 1_900).toISOString(), to: new Date(begin + 4_150).toISOString() },
	});
	const series = probeSeries(known, begin + 6_000, probeGaps(known, begin + 6_000));
	expect(series.acknowledged.slice(-6)).toEqual([300, 280, null, null, 60, 300]);
});

it("what counts down is said in whole seconds, and a fault by what it has done", () => {
	expect([900, 7_999, 92_000, 120_000].map(wholeSeconds)).toEqual(["0 s", "7 s", "1 m 32", "2 m"]);
	expect(["kill", "freeze", "stop", "other"].map(faultDone)).toEqual(["killed", "frozen", "stopped", "other"]);
});

it("the longest gap is drawn as it was measured, others as the whole seconds without a write", () => {
	const gaps = probeGaps(
		probe({
			samples: samples(300, 0, 0, 0, 300, 300, 90, 0, 250, 300, 0),
			rtoMs: 2_210,
			gap: { from: new Date(begin + 6_300).toISOString(), to: new Date(begin + 8_510).toISOString() },
		}),
		begin + 11_000,
	);
	expect(gaps.map((g) => [g.from - begin, g.to - begin, gapWords(g)])).toEqual([
		[1_000, 4_000, "about 3 s"],
		[6_300, 8_510, "2.21 s"],
	]);
});

it("a gap that lasts still grows with the clock, and a stopped probe's does not", () => {
	const gap = { from: new Date(begin).toISOString(), to: null };
	const [open] = probeGaps(probe({ rtoMs: 4_000, gap }), begin + 5_500);
	expect(open).toMatchObject({ ms: 5_500, open: true });
	const [ended] = probeGaps(probe({ rtoMs: 4_000, gap, running: false }), begin + 60_000);
	expect(ended).toMatchObject({ ms: 4_000, open: false });
});

it("gaps are said as exactly as they were measured, and never look like clock times", () => {
	expect([320, 2_214, 94_120, 125_000].map((ms) => gapWords({ ms, exact: true }))).toEqual([
		"320 ms",
		"2.21 s",
		"94.1 s",
		"2 m 05",
	]);
});

it("faults, healings and promotions of the last minute are marked, by the first part of their sentence", () => {
	const event = (seconds: number, type: string, text: string) => ({
		at: new Date(begin + seconds * 1000).toISOString(),
		type,
		text,
	});
	const marks = chartMarks(
		[
			event(-80, "fault.injected", "cache-1 is killed; long ago"),
			event(1, "fault.injected", "cache-2 is killed; it heals by itself at 02:15:41"),
			event(2, "probe.started", "the client probe writes"),
			event(3, "master.changed", "cache-3 is master"),
		],
		begin + 10_000,
	);
	expect(marks.map((m) => m.text)).toEqual(["cache-2 is killed", "cache-3 is master"]);
});

it("a stopped probe's chart looks back to the gap that its figures tell, a running one's a minute", () => {
	const gap = { from: new Date(begin).toISOString(), to: new Date(begin + 2_000).toISOString() };
	const stopped = probe({ running: false, gap, rtoMs: 2_000 });
	const end = begin + 100_000;
	const gaps = probeGaps(stopped, end);
	expect(chartStretch(stopped, end, gaps)).toBe(105);
	expect(probeSeries(stopped, end, gaps, 105).seconds).toHaveLength(105);
	expect(chartStretch({ running: true }, end, gaps)).toBe(60);
	expect(chartStretch(stopped, begin + 20_000, gaps)).toBe(60);
	expect(chartStretch(stopped, begin + 9_000_000, gaps)).toBe(3_600);
	expect(chartStretch(stopped, end, [])).toBe(60);
});

it("a stopped probe's chart ends where it stopped: what happened to the lab afterwards is not on it", () => {
	const stopped = probe({ running: false, samples: samples(300, 310, 290) });
	const end = probeEnd(stopped);
	expect(end).toBe(begin + 3_000);
	expect(probeSeries(stopped, end).acknowledged.slice(-3)).toEqual([300, 310, 290]);
	const killed = (at: number, text: string) => ({ at: new Date(at).toISOString(), type: "fault.injected", text });
	const events = [killed(begin + 2_000, "cache-1 is killed"), killed(begin + 9_000, "cache-2 is killed")];
	expect(chartMarks(events, end).map((mark) => mark.text)).toEqual(["cache-1 is killed"]);
	expect(chartMarks(events, probeEnd(probe({ running: false })))).toEqual([]);
});

it("labels that would cover each other stand in another row, and stay inside", () => {
	expect(
		layLabels(
			[
				{ x: 10, width: 50 },
				{ x: 30, width: 50 },
				{ x: 40, width: 50 },
				{ x: 190, width: 50 },
			],
			200,
			2,
		),
	).toEqual([{ x: 10, row: 0 }, { x: 30, row: 1 }, null, { x: 150, row: 0 }]);
});

it("a lab is summed up by its roles and its memory", () => {
	const node = (role: string) => ({ role, rssBytes: 8_000_000 }) as LabNodeStatus;
	expect(labSummary([node("master"), node("replica"), node("replica")])).toBe("1 master, 2 replicas · 24 MB");
	expect(labSummary([])).toBe("");
});

it("a free name is offered", () => {
	expect(freeName([])).toBe("orders");
	expect(freeName(["orders", "orders-2"])).toBe("orders-3");
});

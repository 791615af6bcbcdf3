import { expect, it } from "vitest";
import { runTookMs } from "./run-took.ts";

const times = { startedAt: "2026-11-14T02:15:00.000Z", finishedAt: "2026-11-14T02:15:59.000Z" };

it("a run took from its start to its end; how long a lost one did is not known, whatever its recording has", () => {
	expect(runTookMs({ ...times, outcome: "succeeded", recording: { durationMs: 1_200 } })).toBe(59_000);
	expect(runTookMs({ ...times, outcome: "lost", recording: { durationMs: 1_200 } })).toBeNull();
	expect(runTookMs({ ...times, outcome: "lost", recording: null })).toBeNull();
	expect(runTookMs({ startedAt: times.startedAt })).toBeNull();
});

it("a run over which the clock was set back took as long as its recording, never less than nothing", () => {
	const back = { startedAt: times.finishedAt, finishedAt: times.startedAt, outcome: "succeeded" } as const;
	expect(runTookMs({ ...back, recording: { durationMs: 1_200 } })).toBe(1_200);
	expect(runTookMs(back)).toBeNull();
});

import { expect, it } from "vitest";
import { newestRun, runMoment, runMomentWords } from "./run-moment.ts";

const begun = "2026-11-14T02:14:00.000Z";
const run = { requestedAt: begun, startedAt: begun };
const about = { now: Date.parse(begun) + 12_400, lostAt: null, held: false, asks: false, progress: undefined };

it("what a run does at a moment is told by what is known of it", () => {
	const words = (one: Parameters<typeof runMoment>[0], more: Partial<typeof about> | object = {}) =>
		runMomentWords(runMoment(one, { ...about, ...more }));
	expect(words(run)).toBe("running, 12 s");
	expect(words(run, { asks: true })).toBe("waiting for an answer, 12 s");
	const progress = { waitingFor: "role = master", sinceMs: 1_000, timeoutMs: 60_000, at: about.now - 2_200 };
	expect(words(run, { progress })).toBe("waiting for role = master, 3.2 s of 1 m");
	expect(words(run, { held: true, progress })).toBe("held: the record can’t be written");
	expect(words({ ...run, cancelRequested: true }, { asks: true })).toBe("cancelling: asked to end, then made to");
	expect(words({ requestedAt: begun })).toBe("about to begin");
	// The counter stands where it was last heard.
	expect(words(run, { lostAt: about.now - 9_000 })).toBe("was running when the line was lost, for 3.4 s");
});

it("of what runs, the newest is where it happens: what holds something for a group began first", () => {
	const hold = { status: "started" } as const;
	const wait = { status: "started" } as const;
	expect(newestRun([hold, wait, { status: "requested" }])).toBe(wait);
	const asked = { status: "requested" } as const;
	expect(newestRun([asked])).toBe(asked);
	expect(newestRun([])).toBe(undefined);
});

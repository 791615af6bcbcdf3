import { expect, it } from "vitest";
import type { RecordingEvent } from "../../../core/recording.ts";
import { cutAtRanges, findInText, linesAround } from "./find-in-text.ts";
import { hitAddress, momentHash, momentOfHash, queryOfHash } from "./moment-link.ts";
import { beatsOf, wholeLines } from "./replay-recordings.ts";
import type { ReplayRun, ReplayTimeline } from "./replay-timeline.ts";

const timeline: ReplayTimeline = {
	from: 1_000,
	to: 9_000,
	runs: [{ run: "r1", startedAt: 2_000 } as ReplayRun],
	marks: [],
	stretches: [],
};

it("a link to a moment leads back to it", () => {
	expect(momentHash(1_763_086_541_200)).toBe("#t=2025-11-14T02:15:41.200Z");
	expect(momentOfHash(momentHash(1_763_086_541_200), timeline)).toBe(1_763_086_541_200);
	expect(momentOfHash("t=never", timeline)).toBeNull();
	expect(momentOfHash("", timeline)).toBeNull();
});

it("a hit's link leads into its run, and carries what was looked for", () => {
	const hit = { session: "s 1", title: "", step: null, where: "output" as const, at: "", snippet: "", matches: [] };
	const address = hitAddress({ ...hit, run: "r1", offsetMs: 1_500 }, "a&b");
	expect(address).toBe("/record/s%201#run=r1&ms=1500&q=a%26b");
	const hash = address.slice(address.indexOf("#"));
	expect(momentOfHash(hash, timeline)).toBe(3_500);
	expect(queryOfHash(hash)).toBe("a&b");
	expect(momentOfHash("#run=gone&ms=5", timeline)).toBeNull();
});

it("a query is found whatever its case, and nothing is found of an empty one", () => {
	expect(findInText("SENTINEL failover, Failover-end", "FailOver")).toEqual([
		[9, 17],
		[19, 27],
	]);
	expect(findInText("aaaa", "aa")).toEqual([
		[0, 2],
		[2, 4],
	]);
	expect(findInText("text", " ")).toEqual([]);
	expect(findInText("İstanbul failover", "failover")).toEqual([[9, 17]]);
});

it("a text is cut at its ranges and nothing of it is lost, also when ranges overlap or lie outside", () => {
	const cut = cutAtRanges("abcdef", [
		[4, 99],
		[1, 3],
		[2, 3],
	]);
	expect(cut).toEqual([
		{ text: "a", marked: false },
		{ text: "bc", marked: true },
		{ text: "d", marked: false },
		{ text: "ef", marked: true },
	]);
	expect(cutAtRanges("abc", [])).toEqual([{ text: "abc", marked: false }]);
});

it("of a recording that still grows only whole lines are read, and the last one waits", () => {
	const bytes = new TextEncoder().encode("one\ntwo\nthr");
	const text = (back: number) => new TextDecoder().decode(wholeLines(bytes, back));
	expect([text(0), text(1), text(2), text(3)]).toEqual(["one\ntwo\n", "one\n", "", ""]);
});

it("moments of output are thinned to two a second, and the last one is kept", () => {
	const events = [0, 100, 600, 700, 5_000, 5_001].map(
		(atMs): RecordingEvent => ({ kind: "output", atMs, offset: 0, bytes: new Uint8Array() }),
	);
	expect(beatsOf(events)).toEqual([0, 600, 5_000, 5_001]);
	expect(beatsOf([])).toEqual([]);
});

it("of a long surrounding the lines with hits are kept, and one around each", () => {
	const text = "one\ntwo hit\nthree\nfour\nfive hit";
	const ranges = findInText(text, "hit");
	const around = linesAround(text, ranges, 4);
	expect(around.text).toBe("one\ntwo hit\nthree\nfive hit");
	expect(around.ranges.map(([from, to]) => around.text.slice(from, to))).toEqual(["hit", "hit"]);
	expect(linesAround(text, [], 2)).toEqual({ text: "one\ntwo hit", ranges: [] });
	expect(linesAround("hit", [[0, 3]], 4)).toEqual({ text: "hit", ranges: [[0, 3]] });
});

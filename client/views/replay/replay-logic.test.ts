import { expect, it } from "vitest";
import type { RecordingEvent } from "../../../core/recording.ts";
import { editsAt } from "./edits-at.ts";
import { cutAtRanges, findInText, linesAround } from "./find-in-text.ts";
import { findWords, wordsOfQuery } from "./find-words.ts";
import { linesBefore, shownAfter } from "./hit-place.ts";
import { lastLeavingScreen } from "./left-screen.ts";
import { hitAddress, momentHash, placeOfHash, queryOfHash } from "./moment-link.ts";
import { beatsOf, wholeLines } from "./replay-recordings.ts";
import type { ReplayRun, ReplayTimeline } from "./replay-timeline.ts";
import { stepStatesAt } from "./step-states-at.ts";
import { timesBegun } from "./times-begun.ts";

const timeline: ReplayTimeline = {
	from: 1_000,
	to: 9_000,
	runs: [{ run: "r1", startedAt: 2_000 } as ReplayRun],
	marks: [],
	stretches: [],
};

it("a link to a moment leads back to it", () => {
	expect(momentHash(1_763_086_541_200)).toBe("#t=2025-11-14T02:15:41.200Z");
	expect(placeOfHash(momentHash(1_763_086_541_200), timeline)).toEqual({ run: null, at: 1_763_086_541_200 });
	expect(placeOfHash("t=never", timeline)).toBeNull();
	expect(placeOfHash("", timeline)).toBeNull();
});

it("a hit's link leads into its run, and carries what was looked for", () => {
	const hit = {
		session: "s 1",
		title: "",
		step: null,
		stepTitle: null,
		where: "output" as const,
		at: "",
		snippet: "",
		matches: [],
	};
	const address = hitAddress({ ...hit, run: "r1", offsetMs: 1_500 }, "a&b");
	expect(address).toBe("/record/s%201#run=r1&ms=1500&q=a%26b");
	const hash = address.slice(address.indexOf("#"));
	expect(placeOfHash(hash, timeline)).toEqual({ run: timeline.runs[0], ms: 1_500 });
	expect(queryOfHash(hash)).toBe("a&b");
	expect(hitAddress({ ...hit, run: "r1", offsetMs: 0 }, "", "?kind=drill")).toBe(
		"/record/s%201?kind=drill#run=r1&ms=0",
	);
	expect(placeOfHash("#run=gone&ms=5", timeline)).toBeNull();
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

it("what is marked is what the search finds: each word where a word begins, a phrase as it stands", () => {
	expect(wordsOfQuery(' failover "new master" -- 2 ')).toEqual(["failover", "new master", "2"]);
	expect(findWords("The end of appending, Endless", "end")).toEqual([
		[4, 7],
		[22, 25],
	]);
	expect(findWords("new master, master new", '"new master" new')).toEqual([
		[0, 10],
		[19, 22],
	]);
	expect(findWords("--flag", "--flag")).toEqual([[0, 6]]);
	expect(findWords("nothing", '"" --')).toEqual([]);
});

it("a hit is gone to when its words had been shown, not where its passage began", () => {
	const bytes = (text: string) => new TextEncoder().encode(text);
	const events = [
		{ atMs: 0.4, kind: "output", offset: 0, bytes: bytes("begin\n") },
		{ atMs: 10, kind: "output", offset: 6, bytes: bytes("fail") },
		{ atMs: 25_000.6, kind: "output", offset: 10, bytes: bytes("over\nend\n") },
		{ atMs: 26_000, kind: "output", offset: 19, bytes: bytes("more\n") },
	] as RecordingEvent[];
	expect(shownAfter(events, 0, "begin")).toBe(0.4);
	expect(shownAfter(events, 0, "FAILover")).toBe(25_000.6);
	expect(shownAfter(events, 0, "more begin")).toBe(26_000);
	expect(shownAfter(events, 25_001, "end")).toBe(25_000.6);
	expect(shownAfter(events, 10, "begin")).toBe(10);
	expect(linesBefore(events, 0)).toBe(0);
	expect(linesBefore(events, 25_001)).toBe(1);
});

it("a step stands at the playhead as it stood then, not as it ended", () => {
	const run = (step: string, startedAt: number, finishedAt: number | null, outcome: string) =>
		({ run: step, step, startedAt, finishedAt, state: { outcome } }) as ReplayRun;
	const line = {
		runs: [
			run("a", 1_000, 2_000, "succeeded"),
			run("b", 3_000, 4_000, "failed"),
			run("c", 6_000, null, ""),
			run("d", 7_000, 8_000, "skipped"),
		],
		marks: [{ at: 5_000, kind: "deviation" as const, label: "b", seq: 9, step: "b", deviation: "skipped" as const }],
	};
	expect(Object.fromEntries(stepStatesAt(line, 500, new Set()))).toEqual({});
	expect(Object.fromEntries(stepStatesAt(line, 1_500, new Set()))).toEqual({ a: "running" });
	expect(Object.fromEntries(stepStatesAt(line, 4_000, new Set()))).toEqual({ a: "succeeded", b: "failed" });
	expect(Object.fromEntries(stepStatesAt(line, 7_000, new Set()))).toEqual({
		a: "succeeded",
		b: "skipped",
		c: "running",
		d: "running",
	});
	expect(Object.fromEntries(stepStatesAt(line, 8_000, new Set()))).toMatchObject({ b: "skipped", d: "not-needed" });

	// A record that was altered vouches for no end.
	const altered = new Set(["a", "d"]);
	expect(Object.fromEntries(stepStatesAt(line, 1_500, altered))).toEqual({ a: "altered" });
	expect(Object.fromEntries(stepStatesAt(line, 8_000, altered))).toMatchObject({
		a: "altered",
		b: "skipped",
		d: "altered",
	});
});

it("a step's text at the playhead is the one that its run found, and before its first run the one that this will find", () => {
	const edit = (step: string, at: number, content: string) => ({
		type: "step.edited",
		at: new Date(at).toISOString(),
		data: { step, body: { ref: "r", bytes: 1, content } },
	});
	const run = (step: string, startedAt: number) => ({ step, startedAt }) as ReplayRun;
	const events = [
		edit("a", 1_000, "first"),
		edit("a", 3_000, "second"),
		edit("b", 4_000, "late"),
		edit("c", 5_000, "idle"),
	];
	const line = { runs: [run("a", 2_000), run("b", 2_500), run("a", 3_500)] };
	const at = (moment: number) => Object.fromEntries(editsAt(events, line, moment));
	expect(at(0)).toEqual({ a: "first", c: "idle" });
	expect(at(2_900)).toEqual({ a: "first", c: "idle" });
	expect(at(3_600)).toEqual({ a: "second", c: "idle" });
	expect(at(9_000)).toEqual({ a: "second", b: "late", c: "idle" });
});

it("a step is run for the second time only when it began before: what was not needed, refused or stopped by its recheck does not count", () => {
	const text = (value: unknown) => ({ ref: "r", bytes: 1, content: JSON.stringify(value) });
	const ping = { node: { cluster: "orders", name: "c1", address: "c1" }, text: "PING" };
	const plan = (...commands: unknown[]) => text({ steps: [{ step: "promote", type: "redis", commands }] });
	const of = (run: string, state: object) =>
		({
			run,
			step: "promote",
			state: { step: "promote", startedAt: "then", outcome: "failed", plan: plan(ping), ...state },
		}) as unknown as ReplayRun;
	const own = (state: string) => ({
		commands: text([
			{ phase: "recheck", node: "c1", text: "ROLE", state: "done" },
			{ phase: "main", node: "c1", text: "PING", state },
		]),
	});
	const rechecked = { problem: text({ code: "recheck-failed" }), commands: text([]) };
	const runs = [
		of("not-needed", { outcome: "skipped" }),
		of("recheck", own("not-sent")),
		of("no-terminal", {}),
		of("by-hand-refused", { ...rechecked, plan: plan() }),
		of("first", own("may-have-happened")),
		{ ...of("another", own("done")), step: "other" },
		of("by-hand", { plan: plan() }),
		of("erased", { commands: { ref: "r", bytes: 1 } }),
		of("now", { outcome: undefined }),
	];
	expect(runs.map((run) => timesBegun(runs, run))).toEqual([0, 0, 0, 0, 1, 1, 2, 3, 4]);
});

it("a run whose full-screen program wiped its screen at the end leads back to what was on it; one with output after it does not", () => {
	const output = (atMs: number, text: string) =>
		({ atMs, kind: "output", offset: 0, bytes: new TextEncoder().encode(text) }) as RecordingEvent;
	const screen = [output(1, "\x1b[?1049hvim"), output(500, "typed")];
	expect(lastLeavingScreen([...screen, output(900, "\x1b[2J\x1b[?10"), output(900, "49l\r\n")])).toEqual({
		index: 2,
		before: 500,
	});
	expect(lastLeavingScreen([...screen, output(900, "\x1b[?1049l"), output(901, "saved")])).toBeNull();
	expect(lastLeavingScreen([output(1, "plain")])).toBeNull();
});

it("of many lines with a match those with a rare one are shown", () => {
	const lines = Array.from({ length: 20 }, (_, i) => `line number ${i}`);
	const text = lines.join("\n");
	const shown = linesAround(text, findWords(text, "number 17"), 3);
	expect(shown.text).toBe("line number 16\nline number 17\nline number 18");
});

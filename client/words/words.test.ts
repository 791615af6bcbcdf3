import { describe, expect, it } from "vitest";
import { ageWords, liveAgeWords } from "./age-words.ts";
import { byteWords, countWords } from "./count-words.ts";
import { durationWords, roughDurationWords, secondsWords } from "./duration-words.ts";
import { initialsOf } from "./initials-of.ts";
import { utcMoment } from "./utc-words.ts";

describe("durations", () => {
	it("keep one unit or two, and never look like a clock time", () => {
		const cases: [number, string][] = [
			[0, "0 ms"],
			[38, "38 ms"],
			[999, "999 ms"],
			[1234, "1.2 s"],
			[9_949, "9.9 s"],
			[9_960, "10 s"],
			[59_400, "59 s"],
			[59_600, "1 m"],
			[110_000, "1 m 50"],
			[182_000, "3 m 02"],
			[3_599_600, "1 h"],
			[7_500_000, "2 h 05"],
			[3 * 86_400_000, "3 d"],
		];
		for (const [ms, words] of cases) expect(durationWords(ms), String(ms)).toBe(words);
		expect(durationWords(Number.NaN)).toBe("");
		expect(durationWords(-1)).toBe("");
	});

	it("are whole seconds while they are counted", () => {
		expect(secondsWords(-5)).toBe("0 s");
		expect(secondsWords(999)).toBe("0 s");
		expect(secondsWords(9_400)).toBe("9 s");
		expect(secondsWords(110_900)).toBe("1 m 50");
	});

	it("are rough where minutes matter", () => {
		expect(roughDurationWords(240_000)).toBe("4 min");
		// `10 m 34` beside it is the same.
		expect(roughDurationWords(634_000)).toBe("10 min");
		expect(roughDurationWords(22_000)).toBe("22 s");
		expect(roughDurationWords(45_000)).toBe("1 min");
	});
});

describe("ages", () => {
	it("say the coarsest unit that still says something", () => {
		expect(ageWords(1000)).toBe("just now");
		expect(ageWords(12_000)).toBe("12 s ago");
		expect(ageWords(3 * 3_600_000)).toBe("3 h ago");
		expect(ageWords(30 * 3_600_000)).toBe("yesterday");
		expect(ageWords(41 * 86_400_000)).toBe("41 days ago");
	});

	it("of something live have tenths", () => {
		expect(liveAgeWords(400)).toBe("0.4 s ago");
		expect(liveAgeWords(-20)).toBe("0.0 s ago");
		expect(liveAgeWords(65_000)).toBe("1 m ago");
	});
});

it("counts take the right number, bytes the right unit", () => {
	expect(countWords(1, "line")).toBe("1 line");
	expect(countWords(2, "reply", "replies")).toBe("2 replies");
	expect(byteWords(84)).toBe("84 B");
	expect(byteWords(8_200_000)).toBe("8.2 MB");
	expect(byteWords(999_600)).toBe("1.0 MB");
});

it("a moment is told in UTC", () => {
	expect(utcMoment("2026-11-14T02:14:07.123Z")).toBe("14 Nov 2026, 02:14:07 UTC");
});

it("a person's mark has the first letter of each end of the name", () => {
	expect(["Anna", "anna maria king", "Élodie d’Arc", "jo-ann", "李 明", "op2", " ", "…"].map(initialsOf)).toEqual([
		"A",
		"AK",
		"ÉD",
		"JA",
		"李明",
		"O",
		"?",
		"?",
	]);
});

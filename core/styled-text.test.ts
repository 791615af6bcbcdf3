import { expect, it } from "vitest";
import { isLineOutput, styledLines } from "./styled-text.ts";

it("lines keep their text, and pieces their colours", () => {
	expect(styledLines("\x1b[34msentinel-2>\x1b[0m SENTINEL\r\nOK\r\n")).toEqual([
		[{ text: "sentinel-2>", color: 4 }, { text: " SENTINEL" }],
		[{ text: "OK" }],
		[],
	]);
});

it("a style goes on over the end of a line until it is taken back", () => {
	expect(styledLines("\x1b[1;91ma\nb\x1b[22mc\x1b[39md")).toEqual([
		[{ text: "a", bold: true, color: 9 }],
		[{ text: "b", bold: true, color: 9 }, { text: "c", color: 9 }, { text: "d" }],
	]);
});

it("256 colours and true colours are known, and what is not known changes nothing", () => {
	expect(styledLines("\x1b[38;5;4ma\x1b[38;5;196mb\x1b[48;2;1;2;300mc\x1b[38;9;7md")).toEqual([
		[
			{ text: "a", color: 4 },
			{ text: "b", color: "#ff0000" },
			{ text: "c", color: "#ff0000", background: "#0102ff" },
			{ text: "d", color: "#ff0000", background: "#0102ff", inverse: true },
		],
	]);
});

it("output that was cut in the middle of a sequence shows nothing of it", () => {
	expect(styledLines("a\x1b[3")).toEqual([[{ text: "a" }]]);
	expect(styledLines("a\x1b")).toEqual([[{ text: "a" }]]);
});

it("only output without any movement of the cursor is shown as lines", () => {
	expect(isLineOutput("a\tb\r\n\x1b[32mok\x1b[0m\r\n")).toBe(true);
	expect(isLineOutput("50%\r100%\n")).toBe(false);
	expect(isLineOutput("\x1b[2J")).toBe(false);
	expect(isLineOutput("ab\bc")).toBe(false);
	expect(isLineOutput("\x1b]52;c;aGk=\x07")).toBe(false);
	expect(isLineOutput("\x9b2J")).toBe(false);
});

import { expect, it } from "vitest";
import { ansiLines } from "./ansi-lines.ts";

const texts = (output: string) => ansiLines(output).lines.map((line) => line.map((span) => span.text).join(""));

it("colours become spans, and a reset ends them", () => {
	const { lines, movesCursor } = ansiLines("a\x1b[31mred\x1b[1;44mboth\x1b[0m z\n");
	expect(lines).toEqual([
		[
			{ text: "a", style: null },
			{ text: "red", style: { foreground: 1 } },
			{ text: "both", style: { foreground: 1, bold: true, background: 4 } },
			{ text: " z", style: null },
		],
	]);
	expect(movesCursor).toBe(false);
});

it("256 colours and true colours are read, in both ways of writing", () => {
	const style = (output: string) => ansiLines(output).lines[0]?.[0]?.style;
	expect(style("\x1b[38;5;9mx")).toEqual({ foreground: 9 });
	expect(style("\x1b[38;5;196mx")).toEqual({ foreground: "rgb(255 0 0)" });
	expect(style("\x1b[48;2;1;2;3mx")).toEqual({ background: "rgb(1 2 3)" });
	expect(style("\x1b[38:5:244mx")).toEqual({ foreground: "rgb(128 128 128)" });
	expect(style("\x1b[1;2;22;4mx")).toEqual({ underline: true });
});

it("a progress line that rewrites itself shows its last state", () => {
	expect(texts("10 %\r20 %\r100 %\ndone")).toEqual(["100 %", "done"]);
	expect(texts("abcdef\r\x1b[Kxy")).toEqual(["xy"]);
	expect(texts("abc\b\bX")).toEqual(["aXc"]);
	expect(texts("a\tb")).toEqual(["a       b"]);
	expect(texts("one\r\ntwo\r\n\r\nthree")).toEqual(["one", "two", "", "three"]);
});

it("what is erased of a line is blank, whatever is written over it", () => {
	expect(texts("abcdef\x1b[3D\x1b[1Kx\n")).toEqual(["   xef"]);
	expect(texts("abc\x1b[2Kd\n")).toEqual(["   d"]);
	expect(texts("abc\x1b[2K\r\nnext")).toEqual(["", "next"]);
	expect(texts("abc\x1b[2K")).toEqual([]);
	expect(texts("abcdef\b\b\x1b[K\x1b[1K\rxy\x1b[1Kz\n")).toEqual(["  z "]);
});

it("a few bytes make no long work and no long text", () => {
	// Erased cell by cell these would be 20,000 million cells each.
	expect(texts(`${"x".repeat(400_000)}${"\x1b[1K".repeat(50_000)}\r\nend`).at(-1)).toBe("end");
	expect(texts(`${"x".repeat(400_000)}${"\x1b[2Ky".repeat(50_000)}\r\nend`).at(-1)).toBe("end");
	const far = texts("\x1b[2000Cx\n".repeat(50_000));
	expect(far[0]).toBe(`${" ".repeat(2_000)}x`);
	expect(far.join("").length).toBeLessThan(500_000);
}, 20_000);

it("titles, links and queries leave nothing, also when they are cut off", () => {
	expect(texts("\x1b]0;title\x07a\x1b]8;;javascript:alert(1)\x1b\\b\x1b]8;;\x1b\\\x1b[6nc\x1b]52;c;aaaa")).toEqual([
		"abc",
	]);
	expect(texts("x\x1b[3")).toEqual(["x"]);
});

it("an output that draws a screen says so", () => {
	expect(ansiLines("\x1b[?1049h\x1b[Hvim").movesCursor).toBe(true);
	expect(ansiLines("a\x1b[2Ab").movesCursor).toBe(true);
	expect(ansiLines("\x1b[32mgreen").movesCursor).toBe(false);
});

it("markup in the output stays text", () => {
	expect(texts("<img src=x onerror=alert(1)>")).toEqual(["<img src=x onerror=alert(1)>"]);
});

it("20,000 lines are read in well under a second", () => {
	const output = "\x1b[32mok\x1b[0m line of output\r\n".repeat(20_000);
	const begun = performance.now();
	expect(ansiLines(output).lines).toHaveLength(20_000);
	expect(performance.now() - begun).toBeLessThan(1_000);
});

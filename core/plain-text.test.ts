import { expect, test } from "vitest";
import { plainText } from "./plain-text.ts";

test.each([
	[
		"colours and titles",
		"\x1b[1;31mred\x1b[0m\x1b]0;title\x07 and \x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\",
		"red and link",
	],
	["line ends of a terminal", "one\r\ntwo\r\n", "one\ntwo\n"],
	["a progress bar", "10%\r 50%\r100%\n", "100%\n"],
	["a shorter line over a longer one, erased", "a long line\r\x1b[Kshort\n", "short\n"],
	["a whole line erased", "a long line\x1b[2K\rx\n", "x\n"],
	["a whole line erased, and written on behind", "abc\x1b[2Kd\b\b\b\be\n", "e  d\n"],
	["a backspace", "helo\b\blp\n", "help\n"],
	["device control and private strings", "a\x1bP$qm\x1b\\b\x1b_secret\x1b\\c", "abc"],
	["sequences cut off at the end", "text\x1b[1;3", "text"],
	["a title cut off at the end", "text\x1b]0;tit", "text"],
	["two-byte sequences and character sets", "\x1b7a\x1b(Bb\x1b8\x1b=c", "abc"],
	["other control characters", "a\x00\x07b\x0ec", "abc"],
	["tabs and Unicode", "a\tü 漢 🙂", "a\tü 漢 🙂"],
])("%s", (_name, output, expected) => {
	expect(plainText(output)).toBe(expected);
});

test("a long line erased a hundred thousand times is read in time that grows with its length only", () => {
	// Erased cell by cell this would be 40,000 million cells.
	expect(plainText(`${"x".repeat(400_000)}${"\x1b[2Ky".repeat(100_000)}`)).toBe(`${" ".repeat(499_999)}y`);
}, 20_000);

test("a hundred thousand characters without an end take no time", () => {
	const begin = performance.now();
	plainText("\x1b[".repeat(50_000));
	plainText(`\x1b]${"a".repeat(100_000)}`);
	plainText("\x1b]a".repeat(30_000));
	expect(performance.now() - begin).toBeLessThan(1000);
});

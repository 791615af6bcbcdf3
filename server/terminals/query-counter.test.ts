import { expect, test } from "vitest";
import { QueryCounter } from "./query-counter.ts";

function openAfter(...pieces: string[]): number {
	const counter = new QueryCounter();
	for (const piece of pieces) {
		counter.saw(Buffer.from(piece, "latin1"));
	}
	let open = 0;
	while (counter.take()) {
		open++;
	}
	return open;
}

test.each([
	["device attributes", "\x1b[c", 1],
	["secondary device attributes", "\x1b[>c", 1],
	["status and cursor", "text\x1b[5n more \x1b[6n", 2],
	["a mode", "\x1b[?2004$p", 1],
	["a setting", "\x1bP$qm\x1b\\", 1],
	["a colour", "\x1b]11;?\x07", 1],
	["two colours in one", "\x1b]4;1;?;2;?\x1b\\", 2],
	["the version", "\x1b[>0q", 1],
	["the window's size", "\x1b[18t", 1],
])("%s is a question", (_name, output, open) => {
	expect(openAfter(output)).toBe(open);
	for (let cut = 1; cut < output.length; cut++) {
		expect(openAfter(output.slice(0, cut), output.slice(cut)), `cut at ${cut}`).toBe(open);
	}
});

test.each([
	["colours and movements", "\x1b[1;31mred\x1b[0m\x1b[5;6H\x1b[K\x1b[u\x1b[22;0t"],
	["a title", "\x1b]0;is this a title?\x07"],
	["setting a colour", "\x1b]11;#000000\x07"],
	["plain text", "what? c n t q"],
])("%s asks nothing", (_name, output) => {
	expect(openAfter(output)).toBe(0);
});

test("each question has one answer, and a new process has none open", () => {
	const counter = new QueryCounter();
	counter.saw(Buffer.from("\x1b[6n"));
	expect([counter.take(), counter.take()]).toEqual([true, false]);
	counter.saw(Buffer.from("\x1b[6n"));
	counter.reset();
	expect(counter.take()).toBe(false);
});

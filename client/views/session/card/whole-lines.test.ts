import { expect, it } from "vitest";
import { wholeLines } from "./whole-lines.ts";

const text = "one\ntwo\nthree";
const of = (part: string) => wholeLines(text, text.indexOf(part), text.indexOf(part) + part.length);

it("a selection means the whole lines that it touches", () => {
	expect(of("w")).toBe("two");
	expect(of("e\nt")).toBe("one\ntwo");
	expect(of("two\n")).toBe("two");
	expect(of("hree")).toBe("three");
	expect(of(text)).toBe(text);
	expect(wholeLines(text, 2, 2)).toBe(null);
});

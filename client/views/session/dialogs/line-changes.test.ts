import { expect, it } from "vitest";
import { lineChanges } from "./line-changes.ts";

it("what went, what came and two lines around are shown", () => {
	const before = "1\n2\n3\n4\n5\n6\n7";
	const shape = lineChanges(before, before.replace("4", "four")).map(
		(l) => `${{ same: " ", gone: "-", new: "+" }[l.kind]}${l.text}`,
	);
	expect(shape).toEqual([" 2", " 3", "-4", "+four", " 5", " 6"]);
	expect(lineChanges("a", "a")).toEqual([]);
	expect(lineChanges("a", "a\nb").map((l) => l.text)).toEqual(["a", "b"]);
});

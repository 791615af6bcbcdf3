import { expect, it } from "vitest";
import { OutputTail } from "./output-tail.ts";

it("gives what came since a position, and of that no more than the end", () => {
	const tail = new OutputTail(4);
	expect(tail.since(0)).toBe("");
	for (const text of ["ab", "c", "", "defghi"]) tail.append(Buffer.from(text));
	expect(tail.end).toBe(9);
	expect(tail.since(0)).toBe("fghi");
	expect(tail.since(6)).toBe("ghi");
	expect(tail.since(9)).toBe("");
	tail.append(Buffer.from("j"));
	expect([tail.since(9), tail.since(5)]).toEqual(["j", "ghij"]);
});

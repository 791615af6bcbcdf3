import { expect, test } from "vitest";
import { createMasking } from "../terminals/masker.ts";
import { PlainLines } from "./plain-lines.ts";

function through(...pieces: string[]): string {
	let given = "";
	const lines = new PlainLines(
		() => createMasking(["very-secret"]).text,
		(_run, bytes) => {
			given += Buffer.from(bytes).toString();
		},
	);
	for (const piece of pieces) lines.push("run", Buffer.from(piece));
	lines.end("run");
	return given;
}

test("a secret that is put together by writing over is masked, wherever the pieces are cut", () => {
	expect(through("XXXX-secret\rvery\n")).toBe("********\n");
	expect(through("XXXX-se", "cret\rve", "ry\nnext")).toBe("********\nnext");
	expect(through("veryX\b-secret")).toBe("********");
});

test("other output comes as a person reads it, each line when it is whole, also in characters that are cut", () => {
	const [first, second] = [Buffer.from("é").subarray(0, 1), Buffer.from("é").subarray(1)];
	const given: string[] = [];
	const lines = new PlainLines(
		() => (text) => text,
		(_run, bytes) => given.push(Buffer.from(bytes).toString()),
	);
	lines.push("run", Buffer.from("\x1b[32mone\x1b[0m\r\ntw"));
	lines.push("run", first);
	lines.push("run", second);
	expect(given).toEqual(["one\n"]);
	lines.end("run");
	expect(given).toEqual(["one\n", "twé"]);
});

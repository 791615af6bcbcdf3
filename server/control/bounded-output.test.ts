import { expect, test } from "vitest";
import { BoundedOutput, mostWaiting } from "./bounded-output.ts";

test("a command line that reads nothing costs bounded memory, and is told how much it has not seen", () => {
	const sent: string[] = [];
	let waiting = 0;
	const output = new BoundedOutput(
		() => waiting,
		(run, bytes) => {
			waiting += bytes.length;
			sent.push(`${run} ${bytes.length > 1000 ? bytes.length : Buffer.from(bytes).toString().trim()}`);
		},
	);
	const piece = new Uint8Array(1024 * 1024);
	for (let i = 0; i < 100; i++) output.output("one", piece);
	expect(waiting).toBeLessThanOrEqual(mostWaiting + piece.length);
	const pieces = sent.length;
	output.tell();
	expect(sent.at(-1)).toBe(`one (${(100 - pieces) * piece.length} bytes are left out here; the recording has them.)`);
	for (let i = 0; i < 100; i++) output.output("two", Buffer.from("x"));
	expect(sent).toHaveLength(pieces + 1);
	waiting = 0;
	output.output("two", Buffer.from("y"));
	output.output("two", Buffer.from("z"));
	expect(sent.slice(pieces + 1)).toEqual([
		"two (100 bytes are left out here; the recording has them.)",
		"two y",
		"two z",
	]);
});

test("what was left out of one run is told before the next run's output, and output goes on once half of it was taken", () => {
	const sent: string[] = [];
	let waiting = mostWaiting + 1;
	const output = new BoundedOutput(
		() => waiting,
		(run, bytes) => sent.push(`${run} ${Buffer.from(bytes).toString().trim()}`),
	);
	output.output("one", Buffer.from("aa"));
	waiting = mostWaiting;
	output.output("one", Buffer.from("b"));
	expect(sent).toEqual([]);
	output.output("two", Buffer.from("c"));
	expect(sent).toEqual(["one (3 bytes are left out here; the recording has them.)", "two c"]);
});

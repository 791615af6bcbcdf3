import { describe, expect, it } from "vitest";
import { repeatUntil } from "./repeat-until.ts";
import { openTestRun } from "./test-run.ts";
import { waitWords } from "./wait-words.ts";

const until = { expression: "result >= 3", everyMs: 10, timeoutMs: 2_000 };
const monoMs = () => performance.now();

describe("repeating until an expression holds", () => {
	it("stops with the first try that holds and leaves no line behind", async () => {
		const test = openTestRun();
		const { tries, problem } = await repeatUntil(until, test.run, monoMs, async (number) => ({
			extra: { result: number },
		}));
		expect({ tries, problem }).toEqual({ tries: 3, problem: null });
		expect(test.shown().trim()).toBe("");
		await test.close();
	});

	it("tries at least once, also without time", async () => {
		const test = openTestRun();
		const done = await repeatUntil({ ...until, timeoutMs: 0 }, test.run, monoMs, async () => ({
			extra: { result: 3 },
		}));
		expect(done).toMatchObject({ tries: 1, problem: null });
		await test.close();
	});

	it("takes a result that can't be evaluated as not yet, and says why in the end", async () => {
		const test = openTestRun();
		const { problem } = await repeatUntil(
			{ expression: "result.role == 'master'", everyMs: 10, timeoutMs: 60 },
			test.run,
			monoMs,
			async () => ({ extra: { result: {} } }),
		);
		expect(problem?.code).toBe("timeout");
		expect(problem?.detail).toMatch(/did not hold within 60 ms .* The last result was \{\} \(.+\)\.$/);
		await test.close();
	});

	it("tells what it waits for and how long", async () => {
		const test = openTestRun();
		await repeatUntil(until, test.run, monoMs, async (number) => ({ extra: { result: number } }));
		expect(test.told).toEqual(["result >= 3", "result >= 3"]);
		expect(test.raw()).toMatch(/again in 10 ms · 1st try · \d+ ms of 2\.0 s|again in 10 ms · 1st try · \d+ ms of 2 s/);
		await test.close();
	});

	it("pauses at least as long as a look takes, so that half of the time is left to everybody else", async () => {
		const test = openTestRun();
		let now = 0;
		const pauses: number[] = [];
		const run = {
			...test.run,
			evaluate: () => {
				now += 400;
				return false;
			},
			sleep: async (ms: number) => {
				pauses.push(ms);
				now += ms;
			},
		};
		await repeatUntil(
			{ ...until, everyMs: 1 },
			run,
			() => now,
			async () => ({ extra: {} }),
		);
		expect(pauses).toEqual([400, 400]);
		await test.close();
	});

	it("is ended by a cancel in the middle of a pause", async () => {
		const test = openTestRun();
		setTimeout(() => test.abort(new Error("cancelled")), 50);
		const forever = { expression: "false", everyMs: 60_000, timeoutMs: 600_000 };
		await expect(repeatUntil(forever, test.run, monoMs, async () => ({ notYet: "no" }))).rejects.toThrow("cancelled");
		await test.close();
	});
});

it.each([
	[38, "38 ms"],
	[500, "500 ms"],
	[1_500, "1.5 s"],
	[8_000, "8 s"],
	[60_000, "60 s"],
	[119_000, "119 s"],
	[120_000, "2 min"],
	[125_000, "2 min 5 s"],
])("%d ms reads %s", (ms, words) => {
	expect(waitWords(ms)).toBe(words);
});

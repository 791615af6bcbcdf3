import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { missingBits, ProbeMeasure } from "./probe-measure.ts";

describe("ProbeMeasure", () => {
	it("counts an outage from the last write acknowledged before the gap", () => {
		const measure = new ProbeMeasure(0);
		for (const at of [10, 20, 30]) measure.take({ n: at, sent: at - 1, acked: at });
		measure.take({ mark: "killed", at: 100 });
		measure.take({ n: 4, sent: 110, failed: 111, error: "refused" });
		measure.take({ n: 5, sent: 112, unknown: 900, error: "no answer" });
		measure.take({ n: 6, sent: 2_229, acked: 2_230 });
		expect(measure.longestGap(2_231)).toEqual({ from: 30, to: 2_230, ms: 2_200 });
		expect(measure).toMatchObject({ acknowledged: 4, failed: 1, indeterminate: 1 });
	});

	it("leaves out a longer pause that was over before the fault", () => {
		const measure = new ProbeMeasure(0);
		for (const at of [10, 5_000]) measure.take({ n: at, sent: at, acked: at });
		expect(measure.longestGap(5_001)?.ms).toBe(4_990);
		measure.take({ mark: "killed", at: 5_100 });
		measure.take({ n: 3, sent: 6_000, acked: 6_000 });
		expect(measure.longestGap(6_001)?.ms).toBe(1_000);
	});

	it("shows a gap that lasts", () => {
		const measure = new ProbeMeasure(0);
		measure.take({ n: 0, sent: 0, acked: 10 });
		expect(measure.longestGap(150)).toBeNull();
		expect(measure.longestGap(1_010)).toEqual({ from: 10, to: null, ms: 1_000 });
	});

	it("has a sample for each second, those without a write included", () => {
		const measure = new ProbeMeasure(1_000_000);
		measure.take({ n: 0, sent: 0, acked: 10 });
		measure.take({ n: 1, sent: 0, failed: 2_500, error: "x" });
		expect(measure.samples(3_100)).toEqual([
			{ at: 1_000_000, acknowledged: 1, failed: 0 },
			{ at: 1_001_000, acknowledged: 0, failed: 0 },
			{ at: 1_002_000, acknowledged: 0, failed: 1 },
		]);
	});

	it("finds exactly the acknowledged writes that are missing", () => {
		fc.assert(
			fc.property(fc.uniqueArray(fc.nat(5_000)), fc.uniqueArray(fc.nat(5_000)), (acknowledged, lost) => {
				const measure = new ProbeMeasure(0);
				for (const n of acknowledged) measure.take({ n, sent: 0, acked: 0 });
				const found = new ProbeMeasure(0);
				for (const n of acknowledged) if (!lost.includes(n)) found.take({ n, sent: 0, acked: 0 });
				const expected = acknowledged.filter((n) => lost.includes(n)).sort((a, b) => a - b);
				expect(missingBits(measure.acknowledgedBits(), found.acknowledgedBits())).toEqual(expected);
			}),
		);
	});
});

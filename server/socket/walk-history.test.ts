import { expect, it } from "vitest";
import type { StepSpec } from "../../core/runbook.ts";
import type { CloseOutcome } from "../../core/session-event.ts";
import type { RunState, SessionState, StepState, StepStatus } from "../../core/session-state.ts";
import { walkOf } from "./walk-history.ts";

const specs = [
	{ name: "look", type: "redis" },
	{ name: "tell", type: "manual" },
	{ name: "change", type: "redis" },
	{ name: "clean", type: "shell", excludeFromRunAll: true },
] as StepSpec[];
const runbook = { steps: specs };

/** A session that was closed, with what became of its steps; it took 40 s, its runs 24 s of them. */
function closed(outcome: CloseOutcome, statuses: Record<string, StepStatus>, byHand: string[] = []): SessionState {
	const step = (name: string, type: string): StepState => ({
		name,
		type,
		status: statuses[name] ?? "idle",
		runs: [],
		...(byHand.includes(name) ? { skipped: { reason: { ref: "r", bytes: 1 }, by: "p" } } : {}),
	});
	const run = { startedAt: "2026-11-14T02:00:00.000Z", finishedAt: "2026-11-14T02:00:24.000Z" } as RunState;
	const steps = specs.map(({ name, type }) => step(name, type));
	return {
		order: steps.map(({ name }) => name),
		steps: Object.fromEntries(steps.map((one) => [one.name, one])),
		openedAt: "2026-11-14T01:59:50.000Z",
		closedAt: "2026-11-14T02:00:30.000Z",
		runs: { r: { ...run, outcome: "succeeded" } },
		close: { outcome, summary: { ref: "r", bytes: 1 }, by: "p" },
	} as unknown as SessionState;
}

const lengthOf = (state: SessionState) => walkOf(state, runbook, { kind: "change", openedBy: "alice" })?.wholeMs;

it("how long a walk takes is told by those that went through the main line, be a step of it not needed", () => {
	const through = { look: "succeeded", change: "skipped" } as const;
	expect(lengthOf(closed("resolved", through))).toBe(40_000);
	expect(lengthOf(closed("mitigated", through))).toBe(40_000);
	expect(lengthOf(closed("partial", through))).toBeNull();
});

it("a walk that was abandoned, failed, left off half-way or passed over a step tells nothing of how long one takes", () => {
	const through = { look: "succeeded", change: "succeeded" } as const;
	expect(lengthOf(closed("abandoned", through))).toBeNull();
	expect(lengthOf(closed("failed", through))).toBeNull();
	expect(lengthOf(closed("resolved", { look: "succeeded" }))).toBeNull();
	expect(lengthOf(closed("resolved", { look: "succeeded", change: "skipped" }, ["change"]))).toBeNull();
});

it("a walk over which the clock was set back tells nothing of how long one takes", () => {
	const at = (time: string) => `2026-11-14T${time}.000Z`;
	const lengthWith = (...times: [startedAt: string, finishedAt: string][]) => {
		const runs = times.map(([startedAt, finishedAt], i) => [
			i,
			{ startedAt: at(startedAt), finishedAt: at(finishedAt), outcome: "succeeded" },
		]);
		return lengthOf({
			...closed("resolved", { look: "succeeded", change: "succeeded" }),
			runs: Object.fromEntries(runs),
		});
	};
	expect(lengthWith(["02:00:00", "02:00:05"], ["02:00:20", "02:00:25"])).toBe(40_000);
	expect(lengthWith(["02:00:00", "01:00:05"], ["01:01:00", "01:01:10"])).toBeNull();
	expect(lengthWith(["02:00:00", "02:00:05"], ["01:01:00", "01:01:10"])).toBeNull();
});

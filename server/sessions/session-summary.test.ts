import { expect, it } from "vitest";
import { newSession, type SessionState, type StepState } from "../../core/session-state.ts";
import { summarise } from "./session-summary.ts";

it("a step that was not needed is not counted as skipped, which is a person's word", () => {
	const step = (name: string, more: Partial<StepState>): [string, StepState] => [
		name,
		{ name, type: "redis", status: "idle", runs: [], ...more },
	];
	const steps = Object.fromEntries([
		step("look", { status: "succeeded" }),
		step("promote", { status: "skipped" }),
		step("tell", { status: "skipped", skipped: { reason: { ref: "r", bytes: 1 }, by: "p" } }),
		// Skipped first, run all the same.
		step("ask", { status: "succeeded", skipped: { reason: { ref: "r", bytes: 1 }, by: "p" } }),
		step("last", {}),
	]);
	const state: SessionState = { ...newSession("s"), status: "open", steps, order: Object.keys(steps) };
	const at = "2026-11-14T02:00:00.000Z";
	const titles = new Map([["last", "The last one"]]);
	expect(summarise(state, at, [], [], titles, new Date(at))).toMatchObject({
		...{ done: 4, skipped: 1, notNeeded: 1, steps: 5 },
		...{ at: "last", atTitle: "The last one" },
	});
});

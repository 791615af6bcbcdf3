import { recordedCommands, recordedObject, recordedPlan } from "../../../core/recorded.ts";
import type { RunState } from "../../../core/session-state.ts";
import type { ReplayRun } from "./replay-timeline.ts";

/**
 * Which time a run is that its step really began, from 1; 0 for a run that never did. Attempts that were refused, that
 * were not needed, or whose recheck failed are none: nothing of their step went out.
 */
export function timesBegun(runs: readonly Pick<ReplayRun, "run" | "step" | "state">[], run: ReplayRun): number {
	if (!hasBegun(run.state)) return 0;
	const earlier = runs.slice(
		0,
		runs.findIndex((one) => one.run === run.run),
	);
	return earlier.filter((one) => one.step === run.step && hasBegun(one.state)).length + 1;
}

/** What was erased is taken for begun: a person must not be told that nothing happened. */
function hasBegun(run: RunState): boolean {
	if (run.startedAt === undefined || run.outcome === "skipped") return false;
	if (run.outcome === undefined || run.outcome === "succeeded") return true;
	if (run.commands !== undefined && run.commands.content === undefined) return true;
	const sent = recordedCommands(run.commands) ?? [];
	if (sent.some(({ phase, state }) => phase === "main" && state !== "not-sent")) return true;
	const plan = recordedPlan(run.plan)?.steps.find((step) => step.step === run.step);
	// A step without commands, e.g. a person's, begins unless what had to hold first did not.
	return plan === undefined || (plan.commands.length === 0 && recordedObject(run.problem)?.code !== "recheck-failed");
}

import type { StepPlan } from "../../../core/plan.ts";
import { recordedCommands } from "../../../core/recorded.ts";
import type { RunState } from "../../../core/session-state.ts";
import { stepViews } from "../../../steps/client.ts";
import type { StepView } from "../../../steps/step-view.ts";
import { asSent } from "../session/as-sent.ts";
import { planOfRun } from "../session/waiting-for-keys.ts";
import type { ReplayRun } from "./replay-timeline.ts";

/** What a run sent, as the record tells it: its plan with the values that only the run could know; undefined when it is erased. */
export function planThatRan(state: Pick<RunState, "plan" | "step" | "commands">): StepPlan | undefined {
	const plan = planOfRun(state);
	return plan === undefined ? undefined : asSent(plan, state.commands);
}

/**
 * The commands of a run as lines, each native one behind its node, and what was not sent called so. Null when that is
 * erased, or when its step is none of commands.
 */
export function ranLines(state: Pick<RunState, "plan" | "step" | "commands">): string[] | null {
	const plan = planThatRan(state);
	if (plan === undefined || plan.commands.length === 0) return null;
	const unsent = (recordedCommands(state.commands) ?? []).filter(
		(one) => one.phase === "main" && one.state === "not-sent",
	);
	return plan.commands.flatMap(({ node, text, argv }) => {
		const fate = unsent.some((one) => one.node === node.name && one.text === text) ? "  (not sent)" : "";
		return `${argv === undefined ? "" : `${node.name}> `}${text.trim()}${fate}`.split("\n");
	});
}

/** As `ranLines`; of a step that is none of commands what it said or asked, with its values. Null when neither is known. */
export function shownLines(state: Pick<RunState, "plan" | "step" | "commands">): string[] | null {
	const plan = planOfRun(state);
	const said = plan && (stepViews as Record<string, StepView>)[plan.type]?.said?.(plan).trim();
	return ranLines(state) ?? (said ? said.split("\n") : null);
}

/** By step the run whose text stands at a moment, Unix milliseconds: its last until then; before its first that one. */
export function runsAt(runs: readonly ReplayRun[], at: number): Map<string, ReplayRun> {
	const shown = new Map<string, ReplayRun>();
	for (const run of runs) if (!shown.has(run.step) || run.startedAt <= at) shown.set(run.step, run);
	return shown;
}

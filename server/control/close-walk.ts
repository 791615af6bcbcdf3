import { type Problem, ProblemError } from "../../core/problem.ts";
import type { Unit } from "../../core/runbook.ts";
import type { CloseOutcome } from "../../core/session-event.ts";
import type { SessionState } from "../../core/session-state.ts";
import type { Engine } from "../engine.ts";
import type { Caller } from "../sessions/sessions.ts";
import { givenUp } from "./given-up.ts";
import type { HeldRecord } from "./held-record.ts";
import type { RunFileResult } from "./run-file-request.ts";

/** How a unit ended: the step that failed, and what is wrong when that is not the step's own outcome. */
export interface Ended {
	failed: string | null;
	problem: Problem | null;
}

/**
 * Closes the session of a walk in words, and says how the command line ends. A record that could not be written counts for
 * more than the step that it held. `isChosen`: only these units were asked for; then it is no walk through the runbook.
 */
export async function closeWalk(
	engine: Engine,
	session: string,
	units: readonly Unit[],
	ended: Ended,
	caller: Caller,
	held: HeldRecord,
	isChosen: boolean,
): Promise<RunFileResult> {
	const { sessions } = engine;
	const state = sessions.state(session);
	const trouble = held.problem();
	const why = trouble ?? ended.problem;
	const isCancelled = held.signal.aborted;
	const byPerson = isCancelled && trouble === null && givenUp(held.signal) === null;
	const summary = summaryOf(state, units, { ...ended, problem: why }, byPerson, isChosen);
	const isPart = isChosen && units.flatMap((unit) => unit.steps).length < state.order.length;
	const whole: CloseOutcome = isPart ? "partial" : "resolved";
	const outcome: CloseOutcome = ended.failed === null ? whole : isCancelled ? "abandoned" : "failed";
	try {
		await sessions.close(session, outcome, summary, caller);
	} catch (error) {
		if (!(error instanceof ProblemError)) throw error;
		return { session, exitCode: exitCodeOf(error.problem, 1), summary, problem: error.problem };
	}
	if (ended.failed === null) return { session, exitCode: 0, summary, problem: null };
	return { session, exitCode: exitCodeOf(why, 1), summary, problem: why };
}

/** 3 for a record that can't be written, 2 for what another command line would mend, else what is given. */
export function exitCodeOf(told: Problem | null, otherwise: 1 | 2 | 3): 1 | 2 | 3 {
	switch (told?.code) {
		case "record-unwritable":
		case "record-locked":
			return 3;
		case "confirmation-needed":
		case "confirmation-wrong":
		case "usage":
			return 2;
		default:
			return otherwise;
	}
}

function summaryOf(
	state: SessionState,
	units: readonly Unit[],
	ended: Ended,
	isCancelled: boolean,
	isChosen: boolean,
): string {
	const chosen = units.flatMap((unit) => unit.steps);
	const of = (status: string) => chosen.filter((name) => state.steps[name]?.status === status).length;
	const done = of("succeeded");
	const skipped = chosen.filter((name) => state.steps[name]?.skipped !== undefined).length;
	const total = state.order.length;
	const steps = (count: number) => `${count} ${count === 1 ? "step" : "steps"}`;
	const left = total - chosen.length;
	const counted = isChosen
		? `${chosen.length} of ${steps(total)}, as asked by --only: ${done} succeeded`
		: `${done} of ${steps(chosen.length)} succeeded${left === 0 ? "" : `, ${left} left out of running all`}`;
	const attested = skipped === 0 ? "" : `, ${skipped} not attested`;
	if (ended.failed === null) return `${counted}${attested}.`;
	if (isCancelled) return `Cancelled at ${ended.failed}: ${counted}${attested}.`;
	const why = ended.problem?.detail ?? "it failed";
	return `${ended.failed}: ${why.replace(/\.$/, "")}; ${counted}${attested}.`.slice(0, 2_000);
}

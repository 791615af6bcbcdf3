import type { RunOutcome } from "../../../core/session-event.ts";
import type { ShownState } from "../../components/state-mark.tsx";
import type { ReplayTimeline } from "./replay-timeline.ts";

/**
 * How each step that something had happened to stood at a moment, Unix milliseconds; the others were idle. Of a run whose
 * record was altered nothing that it tells is shown as so.
 */
export function stepStatesAt(
	timeline: Pick<ReplayTimeline, "runs" | "marks">,
	at: number,
	altered: ReadonlySet<string>,
): Map<string, ShownState> {
	const latest = new Map<string, { at: number; status: ShownState }>();
	const note = (step: string, since: number, status: ShownState) => {
		const known = latest.get(step);
		if (since <= at && (!known || since >= known.at)) latest.set(step, { at: since, status });
	};
	for (const run of timeline.runs) {
		const isAltered = altered.has(run.run);
		note(run.step, run.startedAt, isAltered ? "altered" : "running");
		if (run.finishedAt !== null) {
			note(run.step, run.finishedAt, isAltered ? "altered" : shownOutcome(run.state.outcome));
		}
	}
	for (const { deviation, step, at: since } of timeline.marks) {
		if (deviation === "skipped" && step !== undefined) note(step, since, "skipped");
	}
	return new Map([...latest].map(([step, { status }]) => [step, status]));
}

/** How a run that has ended looks: one that was `skipped` had nothing to do, while a step is skipped by a person. */
export function shownOutcome(outcome: RunOutcome | undefined): ShownState {
	return outcome === "skipped" ? "not-needed" : (outcome ?? "lost");
}

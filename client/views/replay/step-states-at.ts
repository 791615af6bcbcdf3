import type { StepStatus } from "../../../core/session-state.ts";
import type { ReplayTimeline } from "./replay-timeline.ts";

/** How each step that something had happened to stood at a moment, Unix milliseconds; the others were idle. */
export function stepStatesAt(timeline: Pick<ReplayTimeline, "runs" | "marks">, at: number): Map<string, StepStatus> {
	const latest = new Map<string, { at: number; status: StepStatus }>();
	const note = (step: string, since: number, status: StepStatus) => {
		const known = latest.get(step);
		if (since <= at && (!known || since >= known.at)) latest.set(step, { at: since, status });
	};
	for (const run of timeline.runs) {
		note(run.step, run.startedAt, "running");
		if (run.finishedAt !== null) note(run.step, run.finishedAt, run.state.outcome ?? "lost");
	}
	for (const { deviation, step, at: since } of timeline.marks) {
		if (deviation === "skipped" && step !== undefined) note(step, since, "skipped");
	}
	return new Map([...latest].map(([step, { status }]) => [step, status]));
}

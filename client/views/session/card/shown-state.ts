import { type RunState, type StepState, wasNotNeeded } from "../../../../core/session-state.ts";
import type { ShownState } from "../../../components/state-mark.tsx";

/** What a step looks like now. A run whose last bytes have not arrived at this page is not finished for it yet. */
export function shownState(step: StepState, run: RunState | undefined, arriving: boolean, waits: boolean): ShownState {
	if (arriving && run?.status === "finished") return "running";
	if (step.status === "running" && waits) return "waiting";
	return wasNotNeeded(step) ? "not-needed" : step.status;
}

/** Whether it needs nothing more: done, skipped, or not needed. */
export function wasPassed(state: ShownState): boolean {
	return state === "succeeded" || state === "skipped" || state === "not-needed";
}

/** Whether it is over, one way or another. */
export function isOver(state: ShownState): boolean {
	return wasPassed(state) || state === "failed" || state === "cancelled" || state === "lost";
}

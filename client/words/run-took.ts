import type { RunState } from "../../core/session-state.ts";

/**
 * How long an ended run took, in milliseconds; null when that can't be told. A lost run's end is when somebody found it,
 * which says nothing of the run: its recording does.
 */
export function runTookMs(
	run: Pick<RunState, "outcome" | "startedAt" | "finishedAt"> & { recording?: { durationMs: number } | null },
): number | null {
	if (run.startedAt === undefined || run.finishedAt === undefined) return null;
	if (run.outcome === "lost") return run.recording?.durationMs ?? null;
	const ms = Date.parse(run.finishedAt) - Date.parse(run.startedAt);
	// The clock was set back meanwhile; a recording has its own.
	return ms < 0 ? (run.recording?.durationMs ?? null) : ms;
}

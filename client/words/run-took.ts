import type { RunState } from "../../core/session-state.ts";

/**
 * How long an ended run took, in milliseconds; null when that can't be told. Of a lost run nobody knows it: its end is when
 * somebody found it, and its recording ends with the last that it happened to write. Its problem says what is known.
 */
export function runTookMs(
	run: Pick<RunState, "outcome" | "startedAt" | "finishedAt"> & { recording?: { durationMs: number } | null },
): number | null {
	if (run.startedAt === undefined || run.finishedAt === undefined || run.outcome === "lost") return null;
	const ms = Date.parse(run.finishedAt) - Date.parse(run.startedAt);
	// The clock was set back meanwhile; a recording has its own.
	return ms < 0 ? (run.recording?.durationMs ?? null) : ms;
}

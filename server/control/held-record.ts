import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import type { RecordHealth as HealthState } from "../../core/protocol.ts";
import type { RecordHealth } from "../records/record-health.ts";

/** How long a run that nobody watches waits for a record that can be written again, in milliseconds. */
export const heldPatienceMs = 10_000;

/** Whether a walk is still wanted: until a person cancels it, or its record stays unwritable with nobody there to mend it. */
export interface HeldRecord {
	/** Aborts when either happens; `givenUp` says which. */
	signal: AbortSignal;
	/** What the record's trouble is, when it was cancelled while the record could not be written. */
	problem(): Problem | null;
	close(): void;
}

/**
 * Follows the record's health during a walk and tells each change: what runs is held meanwhile, so that silence would look
 * like a slow step. `patienceMs` null: somebody is there, who makes room or cancels.
 */
export function watchHeldRecord(
	health: RecordHealth,
	{
		cancelled,
		patienceMs,
		told,
	}: { cancelled: AbortSignal; patienceMs: number | null; told(state: HealthState): void },
): HeldRecord {
	const ended = new AbortController();
	let timer: NodeJS.Timeout | null = null;
	let trouble: Problem | null = null;

	const end = (reason: unknown) => {
		// How it stands at this moment counts: cancelling gives room back, and the record may recover by that alone.
		if (!ended.signal.aborted && !health.ok)
			trouble = problem("record-unwritable", `The record could not be written (${health.detail}).`);
		ended.abort(reason);
	};
	const abort = () => end(cancelled.reason);
	const giveUp = () => {
		const detail = `The record could not be written (${health.detail}), and nobody was there to make room: Runledger gave up.`;
		end(new ProblemError("record-unwritable", detail));
	};
	const look = (state: HealthState) => {
		told(state);
		if (timer) clearTimeout(timer);
		timer = state.ok || patienceMs === null ? null : setTimeout(giveUp, patienceMs);
	};
	const unfollow = health.subscribe(look);
	if (!health.ok) look(health.state);
	cancelled.addEventListener("abort", abort);
	if (cancelled.aborted) abort();

	return {
		signal: ended.signal,
		problem: () => trouble,
		close() {
			if (timer) clearTimeout(timer);
			unfollow();
			cancelled.removeEventListener("abort", abort);
		},
	};
}

import type { RecordingSummary } from "../../core/recording.ts";
import { activeRuns } from "../../core/session-state.ts";
import type { EventStore } from "../records/event-store.ts";
import type { RecordingStore } from "../records/recording-store.ts";
import type { StepOutcome } from "./judge-result.ts";
import { recoverRun } from "./recover-run.ts";
import type { SessionQueue } from "./session-queue.ts";

/**
 * Ends what a server that died has left of a session: its processes, and its open intents as `lost`. What was asked for
 * and never began is rejected. Gives how many runs were lost.
 */
export async function recoverSession(
	queue: SessionQueue,
	parts: {
		store: EventStore;
		recordings: RecordingStore;
		now(): Date;
		endStrays(runs: readonly string[]): Promise<number>;
		finish(queue: SessionQueue, run: string, outcome: StepOutcome, recording: RecordingSummary | null): Promise<void>;
	},
): Promise<number> {
	const open = activeRuns(queue.state);
	if (queue.state.status !== "open" || open.length === 0) return 0;
	await parts.endStrays(open.map((run) => run.run));
	await queue.applyAsServer({ type: "note-recovery", epoch: parts.store.epoch });
	let lost = 0;
	for (const run of open) {
		if (run.status === "started") {
			const { outcome, recording } = await recoverRun(queue.session, run, parts.recordings, parts.now());
			await parts.finish(queue, run.run, outcome, recording);
			lost += 1;
		} else {
			const reason = "The server ended before this run began; nothing was sent.";
			await queue.applyAsServer({ type: "reject-run", run: run.run, code: "run-lost", reason });
		}
	}
	return lost;
}

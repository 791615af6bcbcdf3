import type { StepPlan } from "../../core/plan.ts";
import { recordedPlan } from "../../core/recorded.ts";
import { decodeRecording, outputLimitMark, type RecordingSummary } from "../../core/recording.ts";
import type { RunState } from "../../core/session-state.ts";
import type { RecordingStore } from "../records/recording-store.ts";
import { entriesFromMarks, entriesToJson } from "./command-journal.ts";
import type { StepOutcome } from "./judge-result.ts";
import { type LostTimes, lostRun } from "./lost-run.ts";

/** What is left of a run whose server ended: its recording up to the last write, and what of its commands may have happened. */
export async function recoverRun(
	session: string,
	run: RunState,
	recordings: RecordingStore,
	found: Date,
): Promise<{ outcome: StepOutcome; recording: RecordingSummary | null }> {
	const sealed = await recordings.recover(session, run.run);
	const decoded = sealed === null ? null : await decode(session, run.run, recordings);
	const planned = plannedStep(run);
	const commands = entriesFromMarks(decoded?.marks ?? [], planned ?? { commands: [], finally: [] });
	return {
		outcome: {
			outcome: "lost",
			exitCode: null,
			checked: false,
			problem: lostRun(commands, planned, timesOf(run, decoded?.durationMs ?? 0, found)),
			captured: {},
			checks: [],
			commands: entriesToJson(commands),
		},
		recording:
			sealed === null
				? null
				: {
						...sealed,
						outputBytes: decoded?.outputBytes ?? 0,
						truncated: decoded?.marks.includes(outputLimitMark) ?? false,
						durationMs: decoded?.durationMs ?? 0,
					},
	};
}

function timesOf({ startedAt }: RunState, recordedMs: number, found: Date): LostTimes | undefined {
	if (startedAt === undefined) return undefined;
	const began = new Date(startedAt);
	return { began, lastRecorded: new Date(began.getTime() + recordedMs), found };
}

async function decode(session: string, run: string, recordings: RecordingStore) {
	try {
		const bytes = await recordings.read(session, run);
		const { events, outputBytes, durationMs } = decodeRecording(new TextDecoder().decode(bytes));
		const marks = events.flatMap((event) => (event.kind === "marker" ? [event.label] : []));
		return { marks, outputBytes, durationMs };
	} catch {
		// A recording that was cut in its header holds nothing to tell.
		return null;
	}
}

function plannedStep(run: RunState): StepPlan | undefined {
	return recordedPlan(run.plan)?.steps.find((step) => step.step === run.step);
}

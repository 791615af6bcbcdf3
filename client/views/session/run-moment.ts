import type { RunState } from "../../../core/session-state.ts";
import { durationWords, secondsWords } from "../../words/duration-words.ts";
import type { RunProgress } from "./hear-session.ts";

/** What a run does at this moment, and for how long, in milliseconds. */
export interface RunMoment {
	kind: "requested" | "running" | "waiting" | "answer" | "cancelling" | "held" | "unknown";
	ms: number;
	/** Of one that waits: what for, and how long at most; 0 is as long as it takes. */
	waitingFor?: string;
	timeoutMs?: number;
}

/** Of the runs that have begun, the one where it happens: what holds something for a group began first and is over last. */
export function newestRun<Run extends Pick<RunState, "status">>(active: readonly Run[]): Run | undefined {
	return active.findLast((run) => run.status === "started") ?? active[0];
}

/** Times are Unix milliseconds of the server's clock. Everything that tells of a run that goes on asks this, so that no two places differ. */
export function runMoment(
	run: Pick<RunState, "requestedAt" | "startedAt" | "cancelRequested">,
	about: {
		now: number;
		/** Since when nothing has been heard of it: without a line nothing is known. */
		lostAt: number | null;
		/** Whether the record can't be written. */
		held: boolean;
		/** Whether it asks a person with a form. */
		asks: boolean;
		progress: RunProgress | undefined;
	},
): RunMoment {
	const { now, lostAt, held, asks, progress } = about;
	const begun = Date.parse(run.startedAt ?? run.requestedAt);
	const ms = Math.max(0, (lostAt ?? now) - begun);
	if (lostAt !== null) return { kind: "unknown", ms };
	if (run.cancelRequested === true) return { kind: "cancelling", ms };
	if (held) return { kind: "held", ms };
	if (run.startedAt === undefined) return { kind: "requested", ms };
	if (asks) return { kind: "answer", ms };
	if (progress === undefined) return { kind: "running", ms };
	return {
		kind: "waiting",
		ms: progress.sinceMs + Math.max(0, now - progress.at),
		waitingFor: progress.waitingFor,
		timeoutMs: progress.timeoutMs,
	};
}

/** The same as a sentence, as the card and the phone's bar say it. */
export function runMomentWords({ kind, ms, waitingFor = "", timeoutMs = 0 }: RunMoment): string {
	switch (kind) {
		case "unknown":
			return `was running when the line was lost, for ${durationWords(ms)}`;
		case "cancelling":
			return "cancelling: asked to end, then made to";
		case "held":
			return "held: the record can’t be written";
		case "requested":
			return "about to begin";
		case "answer":
			return `waiting for an answer, ${secondsWords(ms)}`;
		case "waiting":
			return `waiting for ${waitingFor}, ${durationWords(ms)}${timeoutMs > 0 ? ` of ${durationWords(timeoutMs)}` : ""}`;
		case "running":
			return `running, ${durationWords(ms)}`;
	}
}

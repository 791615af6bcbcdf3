import type { FirstBad } from "../../../core/record/bad-record.ts";
import type { JoinedEvent } from "../../../core/session-event.ts";
import { serverStream } from "../../../core/session-event.ts";
import type { ReplayRun, ReplayTimeline } from "./replay-timeline.ts";

/** `recordings/<session>.<run>.cast`, or `<session>.<run>.cast`. */
const recordingName = /([^/.]+)\.([^/.]+)\.cast$/;

/** The session that a bad place belongs to; null when it is the server's own, or a file of no session. */
export function sessionOfBad(bad: FirstBad): string | null {
	if ("stream" in bad) return bad.stream === serverStream ? null : bad.stream;
	return recordingName.exec("recording" in bad ? bad.recording : bad.file)?.[1] ?? null;
}

/** Where a bad place stands in a session's replay: its run, if it is of one, and a moment of it, Unix milliseconds. */
export function placeOfBad(
	bad: FirstBad,
	timeline: Pick<ReplayTimeline, "runs">,
	events: readonly Pick<JoinedEvent, "seq" | "at" | "data">[],
): { run: ReplayRun | null; at: number } | null {
	if ("stream" in bad) {
		const event = events.find(({ seq }) => seq === bad.seq);
		const run = timeline.runs.find((r) => r.run === (event?.data as { run?: unknown } | undefined)?.run) ?? null;
		const said = Date.parse(event?.at ?? "");
		const at = Number.isNaN(said) ? run?.startedAt : said;
		return at === undefined ? null : { run, at };
	}
	const id = recordingName.exec("recording" in bad ? bad.recording : bad.file)?.[2];
	const run = timeline.runs.find((r) => r.run === id);
	return run ? { run, at: run.finishedAt ?? run.startedAt } : null;
}

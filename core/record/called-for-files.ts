import { type JoinedEvent, sessionEventSchema } from "../session-event.ts";
import { exportFiles } from "./export-files.ts";

/** The files of an export, its manifest aside, as the session's events call for them. */
export interface CalledForFiles {
	/** Each must be there. */
	needed: ReadonlySet<string>;
	/** Recordings of runs that have begun and that no end vouches for: there when the run's terminal was opened. */
	possible: ReadonlySet<string>;
	/** The Markdown that the session was opened on; null when it was erased, or there is no opening event. */
	runbook: string | null;
}

/** What an export of these events consists of. */
export function calledForFiles(session: string, events: readonly JoinedEvent[]): CalledForFiles {
	const needed = new Set<string>([
		exportFiles.events,
		exportFiles.serverHeads,
		exportFiles.content,
		exportFiles.account,
	]);
	const runs = new Set<string>();
	const vouched = new Set<string>();
	let runbook: string | null = null;
	for (const event of events) {
		const parsed = sessionEventSchema.safeParse({ type: event.type, data: event.data });
		if (!parsed.success) continue;
		const { type, data } = parsed.data;
		if (type === "session.opened") runbook = data.source.content ?? null;
		if (type === "run.started") runs.add(data.run);
		if (type === "run.finished" && data.recording) {
			vouched.add(data.run);
			needed.add(data.recording.file);
		}
		if (type === "note.added" || type === "run.answered") {
			for (const { sha256 } of data.attachments) needed.add(`attachments/${sha256}`);
		}
	}
	if (runbook !== null) needed.add(exportFiles.runbook);
	const open = [...runs].filter((run) => !vouched.has(run));
	return { needed, possible: new Set(open.map((run) => `recordings/${session}.${run}.cast`)), runbook };
}

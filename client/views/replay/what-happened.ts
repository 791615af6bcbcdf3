import type { Attachment, JoinedEvent } from "../../../core/session-event.ts";
import type { IconName } from "../../components/icon.tsx";
import { type TimelineNames, type TimelinePart, timelineWords } from "../session/timeline/timeline-words.ts";
import type { ReplayMark, ReplayRun } from "./replay-timeline.ts";

/** Something that happened beside a run's screen, in words. */
export interface Happened {
	seq: number;
	at: string;
	tone: "accent" | "good" | "warn" | "bad" | "faint";
	icon: IconName;
	parts: TimelinePart[];
	attachments: Attachment[];
}

const icons: Record<string, IconName> = {
	"note.added": "note",
	"run.answered": "hand",
	"run.approved": "check",
	"run.rejected": "ban",
	"run.cancel-requested": "ban",
	"step.edited": "pencil",
	"step.skipped": "skip",
	"step.added": "plus",
	"baton.passed": "users",
	"session.recovered": "retry",
	"session.closed": "square",
};

/**
 * What people and the server did from a run's start on, as far as `events` go: not what the screen shows anyway, nor who
 * came and went. Changes of the topology are told where they were seen.
 */
export function happenedSince(
	run: Pick<ReplayRun, "startedSeq">,
	events: readonly JoinedEvent[],
	marks: readonly ReplayMark[],
	names: TimelineNames,
): Happened[] {
	const bySeq = new Map(events.map((event) => [event.seq, event]));
	const told = timelineWords(
		events.filter((event) => event.seq > run.startedSeq && icons[event.type] !== undefined),
		names,
	).map((entry): Happened => {
		const event = bySeq.get(entry.seq) as JoinedEvent;
		const attachments = (event.data as { attachments?: Attachment[] }).attachments;
		return {
			...entry,
			icon: icons[event.type] ?? "info",
			attachments: Array.isArray(attachments) ? attachments : [],
		};
	});
	for (const mark of marks) {
		const event = mark.kind === "topology" && mark.seq >= run.startedSeq ? bySeq.get(mark.seq) : undefined;
		if (!event) continue;
		told.push({
			seq: mark.seq,
			at: event.at,
			tone: "good",
			icon: "network",
			parts: [{ text: mark.label }],
			attachments: [],
		});
	}
	return told.sort((a, b) => a.seq - b.seq);
}

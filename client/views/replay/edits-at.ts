import type { Content, JoinedEvent } from "../../../core/session-event.ts";
import { contentText } from "../session/parse-content.ts";
import type { ReplayTimeline } from "./replay-timeline.ts";

/**
 * What a person had made of the text of steps by a moment, Unix milliseconds. Before a step's first run it is the text
 * that this run will find: it is what the person at the playhead is about to see done. Steps as they were written are
 * left out.
 */
export function editsAt(
	events: readonly Pick<JoinedEvent, "type" | "at" | "data">[],
	{ runs }: Pick<ReplayTimeline, "runs">,
	at: number,
): Map<string, string> {
	const firstRun = new Map<string, number>();
	for (const { step, startedAt } of runs) if (!firstRun.has(step)) firstRun.set(step, startedAt);
	const edits = new Map<string, string>();
	for (const event of events) {
		if (event.type !== "step.edited") continue;
		const { step, body } = event.data as { step: string; body: Content };
		const until = Math.max(at, firstRun.get(step) ?? Number.POSITIVE_INFINITY);
		if (Date.parse(event.at) <= until) edits.set(step, contentText(body));
	}
	return edits;
}

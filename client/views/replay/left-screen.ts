import { plainText } from "../../../core/plain-text.ts";
import type { RecordingEvent } from "../../../core/recording.ts";
import { decodeUtf8 } from "../../../core/utf8.ts";

/** How a program goes back from the alternate screen: DECRST 1049, 1047 or 47 (xterm, ctlseqs). */
const leaving = /\x1b\[\?(?:1049|1047|47)l/;

/** What comes after the screen, in characters: a sequence may be split between events, so that it is not judged before. */
const mostAfter = 4_096;

/**
 * Where a recording leaves a full screen for the last time, if nothing but an empty line comes after it: the event, and the
 * latest moment at which the screen was still there, in milliseconds since the run's start.
 */
export function lastLeavingScreen(events: readonly RecordingEvent[]): { index: number; before: number } | null {
	let after = "";
	for (let index = events.length - 1; index >= 0; index--) {
		const event = events[index];
		if (event?.kind !== "output") continue;
		after = decodeUtf8(event.bytes) + after;
		const parts = after.split(leaving);
		if (parts.length > 1) {
			if (plainText(parts.at(-1) ?? "").trim() !== "") return null;
			const earlier = events.slice(0, index).findLast((e) => e.kind === "output" && e.atMs < event.atMs);
			return earlier ? { index, before: earlier.atMs } : null;
		}
		if (after.length > mostAfter) return null;
	}
	return null;
}

import { plainText } from "../../../core/plain-text.ts";
import { type RecordingEvent, recordingBytes } from "../../../core/recording.ts";
import { decodeUtf8 } from "../../../core/utf8.ts";
import { findWords, wordsOfQuery } from "./find-words.ts";

/** The search gives whole milliseconds. */
const rounding = 0.5;

/** A search hit that the player went to. */
export interface FoundPlace {
	run: string;
	/** The playhead, Unix milliseconds. While it stands there, the found line is kept in sight. */
	at: number;
	/** Lines of output before the passage that was found. */
	line: number;
}

/**
 * When what was found in a recording had been shown: a passage of output that was found begins at `fromMs`, and its words
 * may have come long after. Milliseconds since the run's start; `fromMs` when they never come.
 */
export function shownAfter(events: readonly RecordingEvent[], fromMs: number, query: string): number {
	const first = events.findIndex((event) => event.kind === "output" && event.atMs >= fromMs - rounding);
	const words = wordsOfQuery(query);
	if (first === -1 || words.length === 0) return fromMs;
	const isShown = (count: number) => {
		const text = plainText(decodeUtf8(recordingBytes(events.slice(first, first + count))));
		return words.every((word) => findWords(text, `"${word}"`).length > 0);
	};
	const all = events.length - first;
	let high = 1;
	while (high < all && !isShown(high)) high = Math.min(all, high * 2);
	if (high === all && !isShown(all)) return fromMs;
	let low = high >> 1;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if (isShown(middle)) high = middle;
		else low = middle;
	}
	return events[first + high - 1]?.atMs ?? fromMs;
}

/** How many lines of output had ended before a passage that begins after so many milliseconds. */
export function linesBefore(events: readonly RecordingEvent[], fromMs: number): number {
	let lines = 0;
	for (const event of events) {
		if (event.atMs >= fromMs - rounding) break;
		if (event.kind !== "output") continue;
		for (let at = event.bytes.indexOf(10); at !== -1; at = event.bytes.indexOf(10, at + 1)) lines += 1;
	}
	return lines;
}

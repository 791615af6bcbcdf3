import { plainText } from "../../core/plain-text.ts";
import { decodeRecordingPart } from "../../core/recording.ts";
import type { RecordingStore } from "./recording-store.ts";

/** A stretch of a run's output as a person reads it, and when it began, in milliseconds into the recording. */
export interface OutputPassage {
	text: string;
	offsetMs: number;
}

const pieceBytes = 1024 * 1024;
/** Long enough for its words to stand together, short enough for its time to mean something and for a snippet of it. */
const passageCharacters = 2000;
/** A line without an end is cut here. */
const longestLine = 8 * 1024;
/** So much of one text that is no output is cut into passages, in characters. */
const mostOfText = 128 * 1024;

/**
 * A text that a person or a step gave in passages as those of an output, cut after lines, else between words: no word is
 * torn that is not longer than a passage itself. Only its first 131,072 characters are among them.
 */
export function textPassages(text: string): string[] {
	const passages: string[] = [];
	let rest = text.slice(0, mostOfText);
	while (rest.length > passageCharacters) {
		const beginning = rest.slice(0, passageCharacters);
		const cut = beginning.lastIndexOf("\n") + 1 || beginning.lastIndexOf(" ") + 1 || passageCharacters;
		passages.push(plainText(rest.slice(0, cut)));
		rest = rest.slice(cut);
	}
	passages.push(plainText(rest));
	return passages;
}

/** The output of a recording in passages of whole lines, piece by piece, so that a long one costs no memory. */
export async function* outputPassages(
	recordings: Pick<RecordingStore, "size" | "read">,
	session: string,
	run: string,
): AsyncGenerator<OutputPassage> {
	const size = (await recordings.size(session, run)) ?? 0;
	const lines = new TextDecoder();
	const output = new TextDecoder();
	let place = { atMs: 0, offset: 0 };
	let pending = "";
	let isHeader = true;
	let raw = "";
	let rawAtMs = 0;
	for (let start = 0; start < size; start += pieceBytes) {
		const end = Math.min(size, start + pieceBytes);
		pending += lines.decode(await recordings.read(session, run, start, end), { stream: end < size });
		if (isHeader) {
			const header = pending.indexOf("\n");
			if (header < 0) continue;
			pending = pending.slice(header + 1);
			isHeader = false;
		}
		// An output line and the exact bytes beside it stay together: cut only before an event.
		const cut = end < size ? pending.lastIndexOf("\n[") + 1 : pending.lastIndexOf("\n") + 1;
		const { events } = decodeRecordingPart(pending.slice(0, cut), place);
		pending = pending.slice(cut);
		for (const event of events) {
			place = { atMs: event.atMs, offset: 0 };
			if (event.kind !== "output") continue;
			if (raw === "") rawAtMs = event.atMs;
			raw += output.decode(event.bytes, { stream: true });
			for (let cut = endOfPassage(raw); cut > 0; cut = endOfPassage(raw)) {
				yield { text: plainText(raw.slice(0, cut)), offsetMs: rawAtMs };
				raw = raw.slice(cut);
				rawAtMs = event.atMs;
			}
		}
	}
	if (raw !== "") yield { text: plainText(raw), offsetMs: rawAtMs };
}

/** Where the first passage of an output ends, after whole lines; 0 when it may go on. */
function endOfPassage(raw: string): number {
	if (raw.length < passageCharacters) return 0;
	const line = raw.indexOf("\n", passageCharacters - 1) + 1;
	if (line > 0 && line <= longestLine) return line;
	if (raw.length <= longestLine) return 0;
	return raw.lastIndexOf("\n", passageCharacters) + 1 || longestLine;
}

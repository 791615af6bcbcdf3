import { httpRoutes } from "../../../../core/protocol.ts";
import {
	decodeRecording,
	decodeRecordingPart,
	type RecordingSummary,
	recordingBytes,
} from "../../../../core/recording.ts";
import { type AnsiSpan, ansiLines } from "./ansi-lines.ts";

/** A finished run's output as the page shows it. */
export interface RunOutput {
	lines: AnsiSpan[][];
	/** Bytes of the recording between the beginning and the end that are not shown; 0 when all is. */
	leftOut: number;
	/** Where in `lines` the gap is. */
	gapAt: number;
	movesCursor: boolean;
}

/** Recordings up to this size are shown whole. */
const wholeBytes = 768 * 1024;
const headBytes = 96 * 1024;
const tailBytes = 384 * 1024;

/** Fetches a run's recording, or its beginning and end when it is long, and reads it into lines. Throws when it can't be had. */
export async function readOutput(session: string, run: string, recording: RecordingSummary): Promise<RunOutput> {
	const address = httpRoutes.recording(session, run);
	if (recording.bytes <= wholeBytes) {
		const { events } = decodeRecording(await text(address));
		return { ...read(recordingBytes(events)), leftOut: 0, gapAt: 0 };
	}
	const [head, tail] = await Promise.all([
		text(`${address}?start=0&end=${headBytes}`),
		text(`${address}?start=${recording.bytes - tailBytes}&end=${recording.bytes}`),
	]);
	const first = read(recordingBytes(decodeRecording(head).events));
	const last = read(recordingBytes(decodeRecordingPart(fromWholeLine(tail), { atMs: 0, offset: 0 }).events));
	return {
		lines: [...first.lines, ...last.lines],
		leftOut: recording.bytes - headBytes - tailBytes,
		gapAt: first.lines.length,
		movesCursor: first.movesCursor || last.movesCursor,
	};
}

async function text(address: string): Promise<string> {
	const response = await fetch(address, { credentials: "same-origin" });
	if (!response.ok) throw new Error(`The recording could not be read (${response.status}).`);
	return await response.text();
}

/** A stretch from the middle of a file begins within a line; a comment belongs to the line before it. */
export function fromWholeLine(part: string): string {
	let at = part.indexOf("\n") + 1;
	while (part[at] === "#") at = part.indexOf("\n", at) + 1;
	return at === 0 ? "" : part.slice(at);
}

function read(bytes: Uint8Array) {
	return ansiLines(new TextDecoder().decode(bytes));
}

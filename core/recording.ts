import { decodeBase64, encodeBase64 } from "./base64.ts";
import type { JsonValue } from "./json.ts";
import { ProblemError } from "./problem.ts";
import { decodeUtf8, encodeUtf8, isExactUtf8 } from "./utf8.ts";

/** Where a run's recording is, and what it proves. Sizes in bytes. */
export interface RecordingSummary {
	/** `recordings/<run>.cast` in an export. */
	file: string;
	/** SHA-256 (hex) of the whole file. */
	sha256: string;
	/** The file's size. */
	bytes: number;
	/** The terminal's bytes, after masking: the final offset. */
	outputBytes: number;
	/** Output beyond the limit was not kept. */
	truncated: boolean;
	durationMs: number;
}

/*
 * A recording is an asciicast v3 file (docs.asciinema.org/manual/asciicast/v3): one JSON header line, then one
 * `[interval, code, data]` line an event; intervals are seconds since the event before it, here whole milliseconds.
 * Lines that begin with `#` are comments, which players skip. Two of them are ours:
 *
 *   # b64 <base64>      the exact bytes of the `o` line before it, when these are not UTF-8
 *   # input <JSON>      {"atMs", "who", "bytes"}: somebody typed; never what
 */

/** The marker of a recording whose further output was not kept. */
export const outputLimitMark = "output limit reached";

/** What a recording begins with. */
export interface RecordingHeader {
	cols: number;
	rows: number;
	/** Unix time in whole seconds. */
	startedAt: number;
	title?: string;
}

/** One event of a recording. `atMs` counts from its beginning; `offset` is the terminal's bytes before the event. */
export type RecordingEvent = { atMs: number; offset: number } & (
	| { kind: "output"; bytes: Uint8Array }
	| { kind: "resize"; cols: number; rows: number }
	| { kind: "input"; who: string; bytes: number }
	| { kind: "marker"; label: string }
	| { kind: "exit"; status: string }
);

/** A whole recording. */
export interface DecodedRecording {
	header: RecordingHeader;
	events: RecordingEvent[];
	/** The final offset. */
	outputBytes: number;
	/** The time of the last event. */
	durationMs: number;
	/** Whether the last line is whole; false after a crash in the middle of a write. */
	complete: boolean;
}

/** Gives the lines of a recording, each with its newline, in the order in which they are to be appended. */
export interface RecordingEncoder {
	header(header: RecordingHeader): string;
	/** One `o` line, and the exact bytes beside it where they are not UTF-8. Cut pieces so that no character is split. */
	output(bytes: Uint8Array, atMs: number): string;
	resize(cols: number, rows: number, atMs: number): string;
	/** `who` should be a pseudonym: a recording can't be erased in part. */
	input(who: string, bytes: number, atMs: number): string;
	marker(label: string, atMs: number): string;
	exit(status: number | string, atMs: number): string;
}

/** Keeps the time of the last event, since intervals are relative. Times never go back: an earlier one counts as now. */
export function createRecordingEncoder(): RecordingEncoder {
	let last = 0;
	const line = (code: string, data: string, atMs: number): string => {
		const at = Math.max(last, Math.round(atMs));
		const interval = (at - last) / 1000;
		last = at;
		return `[${interval},"${code}",${JSON.stringify(data)}]\n`;
	};
	return {
		header({ cols, rows, startedAt, title }) {
			const header = { version: 3, term: { cols, rows, type: "xterm-256color" }, timestamp: startedAt };
			return `${JSON.stringify(title === undefined ? header : { ...header, title })}\n`;
		},
		output(bytes, atMs) {
			const text = decodeUtf8(bytes);
			const output = line("o", text, atMs);
			return isExactUtf8(bytes, text) ? output : `${output}# b64 ${encodeBase64(bytes)}\n`;
		},
		resize: (cols, rows, atMs) => line("r", `${cols}x${rows}`, atMs),
		input: (who, bytes, atMs) => `# input ${JSON.stringify({ atMs: Math.max(last, Math.round(atMs)), who, bytes })}\n`,
		marker: (label, atMs) => line("m", label, atMs),
		exit: (status, atMs) => line("x", String(status), atMs),
	};
}

/**
 * Reads a recording back to exact bytes and events with times. A last line that is not whole is left out.
 * Throws `record-broken` with the line when it is not a recording.
 */
export function decodeRecording(text: string): DecodedRecording {
	const headerEnd = text.indexOf("\n");
	if (headerEnd < 0) {
		throw broken(1, "the header is missing");
	}
	const header = readHeader(text.slice(0, headerEnd));
	const { events, complete } = decodeRecordingPart(text.slice(headerEnd + 1), { atMs: 0, offset: 0, line: 2 });
	const last = events.at(-1);
	return {
		header,
		events,
		outputBytes: last === undefined ? 0 : last.offset + (last.kind === "output" ? last.bytes.length : 0),
		durationMs: last?.atMs ?? 0,
		complete,
	};
}

/** The terminal's bytes, all of them. */
export function recordingBytes(events: readonly RecordingEvent[]): Uint8Array {
	let length = 0;
	for (const event of events) {
		length += event.kind === "output" ? event.bytes.length : 0;
	}
	const bytes = new Uint8Array(length);
	let at = 0;
	for (const event of events) {
		if (event.kind === "output") {
			bytes.set(event.bytes, at);
			at += event.bytes.length;
		}
	}
	return bytes;
}

/** Reads lines from the middle of a recording; `from` is what is known of the place where they begin. */
export function decodeRecordingPart(
	text: string,
	from: { atMs: number; offset: number; line?: number },
): { events: RecordingEvent[]; complete: boolean } {
	const events: RecordingEvent[] = [];
	let { atMs, offset, line = 1 } = from;
	let start = 0;
	for (; ; line++) {
		const end = text.indexOf("\n", start);
		if (end < 0) {
			return { events, complete: start === text.length };
		}
		const content = text.slice(start, end);
		start = end + 1;
		if (content.startsWith("#")) {
			offset += readComment(content, events, { atMs, offset, line });
		} else if (content.trim() !== "") {
			const event = readEvent(content, { atMs, offset, line });
			atMs = event.atMs;
			offset += event.kind === "output" ? event.bytes.length : 0;
			events.push(event);
		}
	}
}

interface Place {
	atMs: number;
	offset: number;
	line: number;
}

function readHeader(content: string): RecordingHeader {
	const header = parse(content, 1);
	if (typeof header !== "object" || header === null || Array.isArray(header) || header.version !== 3) {
		throw broken(1, "it is not an asciicast version 3 header");
	}
	const term = header.term;
	if (typeof term !== "object" || term === null || Array.isArray(term)) {
		throw broken(1, "the header has no terminal");
	}
	const { cols, rows } = term;
	if (typeof cols !== "number" || typeof rows !== "number") {
		throw broken(1, "the terminal has no size");
	}
	const startedAt = typeof header.timestamp === "number" ? header.timestamp : 0;
	return typeof header.title === "string" ? { cols, rows, startedAt, title: header.title } : { cols, rows, startedAt };
}

function readEvent(content: string, place: Place): RecordingEvent {
	const event = parse(content, place.line);
	if (!Array.isArray(event)) {
		throw broken(place.line, "it is not an event");
	}
	const [interval, code, data] = event;
	if (typeof interval !== "number" || !(interval >= 0) || typeof code !== "string" || typeof data !== "string") {
		throw broken(place.line, "it is not an event");
	}
	const at = { atMs: place.atMs + Math.round(interval * 1000), offset: place.offset };
	switch (code) {
		case "o":
			return { ...at, kind: "output", bytes: encodeUtf8(data) };
		case "r": {
			const size = /^(\d+)x(\d+)$/.exec(data);
			if (size === null) {
				throw broken(place.line, "the size can't be read");
			}
			return { ...at, kind: "resize", cols: Number(size[1]), rows: Number(size[2]) };
		}
		case "x":
			return { ...at, kind: "exit", status: data };
		case "m":
			return { ...at, kind: "marker", label: data };
		default:
			// The format asks readers to pass over codes that they don't know.
			return { ...at, kind: "marker", label: code };
	}
}

/** Gives by how many bytes the offset changes. Comments of others are passed over. */
function readComment(content: string, events: RecordingEvent[], place: Place): number {
	if (content.startsWith("# b64 ")) {
		const last = events.at(-1);
		const bytes = decodeBase64(content.slice(6).trim());
		if (last?.kind !== "output" || bytes === null) {
			throw broken(place.line, "exact bytes stand beside no output");
		}
		const change = bytes.length - last.bytes.length;
		last.bytes = bytes;
		return change;
	}
	if (content.startsWith("# input ")) {
		const input = parse(content.slice(8), place.line);
		if (typeof input === "object" && input !== null && !Array.isArray(input)) {
			const { atMs, who, bytes } = input;
			if (typeof atMs === "number" && typeof who === "string" && typeof bytes === "number") {
				events.push({ kind: "input", atMs, offset: place.offset, who, bytes });
				return 0;
			}
		}
		throw broken(place.line, "the input can't be read");
	}
	return 0;
}

function parse(content: string, line: number): JsonValue {
	try {
		return JSON.parse(content);
	} catch {
		throw broken(line, "it is not JSON");
	}
}

function broken(line: number, what: string): ProblemError {
	return new ProblemError("record-broken", `Line ${line} of the recording can't be read: ${what}.`);
}

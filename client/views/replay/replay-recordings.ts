import { type ReadonlySignal, signal } from "@preact/signals";
import { type Problem, problem } from "../../../core/problem.ts";
import { httpRoutes } from "../../../core/protocol.ts";
import { decodeRecording, decodeRecordingPart, type RecordingEvent } from "../../../core/recording.ts";
import type { RunState } from "../../../core/session-state.ts";
import { decodeUtf8 } from "../../../core/utf8.ts";
import { problemOf } from "../../connection/connection.ts";

/** The recording of a run as far as this page has it. */
export interface LoadedRecording {
	cols: number;
	rows: number;
	events: readonly RecordingEvent[];
	/** Whether there is no more to come. */
	whole: boolean;
	/** Set when only the beginning is here: the file's size in bytes. */
	cutOf: number | null;
	problem: Problem | null;
}

export interface ReplayRecordings {
	byRun: ReadonlySignal<ReadonlyMap<string, LoadedRecording>>;
	/** Fetches what is not here yet: a finished run's file once, a running one's new lines each time. */
	load(run: RunState): Promise<void>;
	/** Fetches finished runs one after the other, in order, until a page's share of memory is full. */
	loadAll(runs: readonly RunState[]): Promise<void>;
	/** Fetches a recording that is here once more: the file may be another one by now. */
	again(run: RunState): Promise<void>;
	dispose(): void;
}

/** A single recording is shown up to this many bytes; the rest is in the export. */
const mostOfOne = 24 * 2 ** 20;
/** All together are fetched ahead up to this many bytes; what is beyond is fetched when it is played. */
const mostAhead = 32 * 2 ** 20;

export function replayRecordings(session: string): ReplayRecordings {
	const byRun = signal<ReadonlyMap<string, LoadedRecording>>(new Map());
	const read = new Map<string, { bytes: number; line: number }>();
	const underWay = new Map<string, Promise<void>>();
	const stop = new AbortController();

	function put(run: string, recording: LoadedRecording): void {
		const next = new Map(byRun.peek());
		next.set(run, recording);
		byRun.value = next;
	}

	async function fetchLines(run: RunState, start: number): Promise<{ bytes: Uint8Array; size: number }> {
		const address = `${httpRoutes.recording(session, run.run)}?start=${start}&end=${start + mostOfOne}`;
		const response = await fetch(address, { signal: stop.signal });
		if (response.status === 404) return { bytes: new Uint8Array(), size: 0 };
		if (!response.ok) throw new Error(`The recording could not be fetched (status ${response.status}).`);
		const bytes = new Uint8Array(await response.arrayBuffer());
		return { bytes, size: Number(response.headers.get("x-recording-bytes") ?? start + bytes.length) };
	}

	async function fetchMore(run: RunState, known: LoadedRecording | undefined): Promise<void> {
		const finished = run.status === "finished";
		const place = (known && read.get(run.run)) ?? { bytes: 0, line: 1 };
		const { bytes, size } = await fetchLines(run, place.bytes);
		const reachesEnd = place.bytes + bytes.length >= size;
		// The exact bytes of a line may stand on the next one: of a run that goes on, the last line waits for it.
		const usable = wholeLines(bytes, finished && reachesEnd ? 0 : 1);
		if (usable.length === 0 && !finished) return;
		const text = decodeUtf8(usable);
		const before = known?.events ?? [];
		const last = before.at(-1);
		const from = {
			atMs: last?.atMs ?? 0,
			offset: last === undefined ? 0 : last.offset + (last.kind === "output" ? last.bytes.length : 0),
			line: place.line,
		};
		const first = known === undefined ? decodeRecording(text) : null;
		const events = first ? first.events : [...before, ...decodeRecordingPart(text, from).events];
		read.set(run.run, { bytes: place.bytes + usable.length, line: place.line + lineCount(usable) });
		put(run.run, {
			cols: first?.header.cols ?? known?.cols ?? 80,
			rows: first?.header.rows ?? known?.rows ?? 24,
			events,
			whole: finished,
			cutOf: reachesEnd ? null : size,
			problem: null,
		});
	}

	function load(run: RunState): Promise<void> {
		const known = byRun.peek().get(run.run);
		if (run.recording === null || known?.whole === true) return Promise.resolve();
		return underWay.get(run.run) ?? fetchOne(run, known);
	}

	function fetchOne(run: RunState, known: LoadedRecording | undefined): Promise<void> {
		const mine = fetchMore(run, known)
			.catch((thrown) => {
				if (stop.signal.aborted) return;
				const problem = asProblem(thrown);
				put(
					run.run,
					known ? { ...known, problem } : { cols: 80, rows: 24, events: [], whole: false, cutOf: null, problem },
				);
			})
			.finally(() => underWay.delete(run.run));
		underWay.set(run.run, mine);
		return mine;
	}

	return {
		byRun,
		load,
		async loadAll(runs) {
			let ahead = 0;
			for (const run of runs) {
				ahead += run.recording?.bytes ?? 0;
				if (stop.signal.aborted || ahead > mostAhead) return;
				await load(run);
			}
		},
		async again(run) {
			await underWay.get(run.run);
			if (byRun.peek().has(run.run)) await fetchOne(run, undefined);
		},
		dispose: () => stop.abort(),
	};
}

function asProblem(thrown: unknown): Problem {
	const found = problemOf(thrown);
	return found.code === "internal" ? problem("server-not-running", found.detail) : found;
}

/** The bytes up to and with the last line feed, without the last `back` lines. */
export function wholeLines(bytes: Uint8Array, back: number): Uint8Array {
	let end = bytes.lastIndexOf(10);
	for (let i = 0; i < back && end !== -1; i++) end = end === 0 ? -1 : bytes.lastIndexOf(10, end - 1);
	return bytes.subarray(0, end + 1);
}

function lineCount(bytes: Uint8Array): number {
	let count = 0;
	for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count += 1;
	return count;
}

/** The moments at which something came out, in milliseconds since the run's start, thinned to two a second. */
export function beatsOf(events: readonly RecordingEvent[]): number[] {
	const beats: number[] = [];
	for (const event of events) {
		const last = beats.at(-1);
		if (last === undefined || event.atMs - last >= 500) beats.push(event.atMs);
	}
	const end = events.at(-1)?.atMs;
	if (end !== undefined && end !== beats.at(-1)) beats.push(end);
	return beats;
}

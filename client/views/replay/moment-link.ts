import type { SearchHit } from "../../../core/protocol.ts";
import { pageAddress } from "../../shell/router.ts";
import type { ReplayRun, ReplayTimeline } from "./replay-timeline.ts";

/** `#t=<ISO time>`: a moment of a session, to the millisecond. `at` in Unix milliseconds. */
export function momentHash(at: number): string {
	return `#t=${new Date(Math.round(at)).toISOString()}`;
}

/** The address of a search hit: the run and how far into it, or the moment. `from`: the query of the record's page, for the way back. */
export function hitAddress(hit: SearchHit, query: string, from = ""): string {
	const find = query === "" ? "" : `&q=${encodeURIComponent(query)}`;
	const place = hit.run === null ? `t=${hit.at}` : `run=${encodeURIComponent(hit.run)}&ms=${hit.offsetMs ?? 0}`;
	return `${pageAddress.replay(hit.session)}${from}#${place}${find}`;
}

/** A place of a session: milliseconds into a run, or a moment, Unix milliseconds. */
export type LinkedPlace = { run: ReplayRun; ms: number } | { run: null; at: number };

/** Where a hash leads; null when it says nothing that is in `timeline`. */
export function placeOfHash(hash: string, timeline: Pick<ReplayTimeline, "runs">): LinkedPlace | null {
	const parameters = new URLSearchParams(hash.replace(/^#/, ""));
	const id = parameters.get("run");
	if (id !== null) {
		const run = timeline.runs.find((r) => r.run === id);
		return run ? { run, ms: Math.max(0, Number(parameters.get("ms")) || 0) } : null;
	}
	const at = Date.parse(parameters.get("t") ?? "");
	return Number.isNaN(at) ? null : { run: null, at };
}

/** What a hash asks to be looked for; empty when nothing. */
export function queryOfHash(hash: string): string {
	return new URLSearchParams(hash.replace(/^#/, "")).get("q") ?? "";
}

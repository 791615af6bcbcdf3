import type { SearchHit } from "../../../core/protocol.ts";
import { pageAddress } from "../../shell/router.ts";
import type { ReplayTimeline } from "./replay-timeline.ts";

/** `#t=<ISO time>`: a moment of a session, to the millisecond. `at` in Unix milliseconds. */
export function momentHash(at: number): string {
	return `#t=${new Date(Math.round(at)).toISOString()}`;
}

/** The address of a search hit: the run and how far into it, or the moment. */
export function hitAddress(hit: SearchHit, query: string): string {
	const find = query === "" ? "" : `&q=${encodeURIComponent(query)}`;
	const place = hit.run === null ? `t=${hit.at}` : `run=${encodeURIComponent(hit.run)}&ms=${hit.offsetMs ?? 0}`;
	return `${pageAddress.replay(hit.session)}#${place}${find}`;
}

/** Where a hash leads: a moment of `timeline`, Unix milliseconds; null when it says none that is in it. */
export function momentOfHash(hash: string, timeline: ReplayTimeline): number | null {
	const parameters = new URLSearchParams(hash.replace(/^#/, ""));
	const run = parameters.get("run");
	if (run !== null) {
		const found = timeline.runs.find((r) => r.run === run);
		return found ? found.startedAt + (Number(parameters.get("ms")) || 0) : null;
	}
	const moment = Date.parse(parameters.get("t") ?? "");
	return Number.isNaN(moment) ? null : moment;
}

/** What a hash asks to be looked for; empty when nothing. */
export function queryOfHash(hash: string): string {
	return new URLSearchParams(hash.replace(/^#/, "")).get("q") ?? "";
}

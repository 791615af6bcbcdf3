import type { RunbookSummary } from "../../../core/protocol.ts";
import { rankByWords } from "../../words/rank-by-words.ts";

export interface LibraryFilter {
	query: string;
	system: string;
	severity: string;
	freshness: "" | "fresh" | "stale" | "never";
}

export const noFilter: LibraryFilter = { query: "", system: "", severity: "", freshness: "" };

/** The runbooks that a filter leaves, best match first, else by title within the order of severity given. */
export function filterRunbooks(runbooks: readonly RunbookSummary[], filter: LibraryFilter): RunbookSummary[] {
	const kept = runbooks.filter(
		(r) =>
			(filter.system === "" || r.systems.includes(filter.system)) &&
			(filter.severity === "" || r.severity === filter.severity) &&
			(filter.freshness === "" || freshnessOf(r) === filter.freshness),
	);
	return rankByWords(kept, filter.query, (r) => [r.title, r.summary, r.path, ...r.systems, r.owner ?? ""].join(" "));
}

/** `never`: no run of it has ever passed. */
export function freshnessOf(runbook: Pick<RunbookSummary, "lastPassedAt" | "stale">): "fresh" | "stale" | "never" {
	if (runbook.lastPassedAt === null) return "never";
	return runbook.stale ? "stale" : "fresh";
}

/** The values of a field that occur, each once, sorted. */
export function occurring(values: Iterable<string | null>): string[] {
	return [...new Set([...values].filter((v): v is string => v !== null && v !== ""))].sort();
}

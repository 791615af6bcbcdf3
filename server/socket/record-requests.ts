import type { RequestArgument, SearchHit, SessionSummary, VerifySummary } from "../../core/protocol.ts";
import type { Reads } from "../access/reads.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { PresenceBook } from "./presence.ts";
import type { Handlers } from "./request-context.ts";

export type RecordNames = "record.list" | "record.search" | "record.verify";

/** What the record's pages ask for. Searching is recorded itself. */
export function recordRequests(parts: {
	sessions: Sessions;
	presence: PresenceBook;
	reads: Reads;
	search(query: string, session: string | undefined): Promise<SearchHit[]>;
	verify(session: string | undefined): Promise<VerifySummary>;
}): Handlers<RecordNames> {
	const { sessions, presence, reads, search, verify } = parts;
	return {
		"record.list": (filter) => ({
			sessions: sessions
				.list()
				.filter((summary) => matches(summary, filter))
				.map((summary) => ({ ...summary, watching: presence.watching(summary.session) })),
		}),
		"record.search": async ({ query, session }, { caller }) => {
			await reads.read(caller, { what: "search", detail: query, ...(session === undefined ? {} : { session }) });
			return { hits: await search(query, session) };
		},
		"record.verify": ({ session }) => verify(session),
	};
}

/** Whether a session is among those that a filter asks for. Times are compared as ISO 8601; `to` is a day or a moment, included. */
export function matches(summary: SessionSummary, filter: RequestArgument<"record.list">): boolean {
	const { kind, runbook, person, target, outcome, from, to } = filter;
	const has = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());
	if (kind !== undefined && summary.kind !== kind) return false;
	if (runbook !== undefined && summary.runbook !== runbook && !has(summary.title, runbook)) return false;
	if (person !== undefined && !has(summary.openedBy, person) && !has(summary.driver ?? "", person)) return false;
	if (target !== undefined && !summary.targets.includes(target)) return false;
	if (outcome !== undefined && summary.outcome !== outcome && summary.status !== outcome) return false;
	if (from !== undefined && summary.openedAt < from) return false;
	// "2026-11-21" stands for the whole day: everything that begins with it counts.
	return to === undefined || summary.openedAt <= to || summary.openedAt.startsWith(to);
}

import type { RequestArgument, SearchHit, SessionSummary, VerifySummary } from "../../core/protocol.ts";
import type { Reads } from "../access/reads.ts";
import type { FoundPassage } from "../records/search.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { stepTitles } from "../sessions/step-titles.ts";
import type { PresenceBook } from "./presence.ts";
import type { Handlers } from "./request-context.ts";

export type RecordNames = "record.list" | "record.search" | "record.verify";

/** What the record's pages ask for. Searching is recorded itself. */
export function recordRequests(parts: {
	sessions: Sessions;
	presence: PresenceBook;
	reads: Reads;
	search(query: string, sessions: readonly string[] | undefined): Promise<FoundPassage[]>;
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
		"record.search": async ({ query, session, ...filter }, { caller }) => {
			// Who looks whether a secret was leaked is not to leak it.
			const detail = sessions.maskAll(query);
			await reads.read(caller, { what: "search", detail, ...(session === undefined ? {} : { session }) });
			const isFiltered = Object.values(filter).some((value) => value !== undefined);
			const filtered = () => sessions.list().filter((summary) => matches(summary, filter));
			const within =
				session === undefined ? (isFiltered ? filtered().map((one) => one.session) : undefined) : [session];
			const titles = new Map<string, ReadonlyMap<string, string>>();
			const hits = (await search(query, within)).map((hit): SearchHit => {
				if (hit.step === null) return { ...hit, stepTitle: null };
				const known = titles.get(hit.session) ?? stepTitles(sessions.runbook(hit.session), sessions.state(hit.session));
				titles.set(hit.session, known);
				return { ...hit, stepTitle: known.get(hit.step) ?? hit.step };
			});
			return { hits };
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

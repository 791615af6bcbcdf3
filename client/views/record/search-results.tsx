/* What a full-text search found, session by session, each hit in its surroundings. j and k move, Enter goes to the moment in the replay. */
import type { Ref } from "preact";
import { useImperativeHandle } from "preact/hooks";
import type { SearchHit } from "../../../core/protocol.ts";
import { Button } from "../../components/button.tsx";
import { EmptyState, ErrorState, LoadingState } from "../../components/page-state.tsx";
import { useRequest } from "../../connection/use-request.ts";
import { type ListKeys, useListKeys } from "../../keys/use-list-keys.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { countWords } from "../../words/count-words.ts";
import { utcMoment } from "../../words/utc-words.ts";
import { hitAddress } from "../replay/moment-link.ts";
import { MarkedSnippet } from "./marked-snippet.tsx";
import { isFiltered, listArgument, type RecordFilter, writeFilter } from "./record-filter.ts";
import "./search-results.css";

const places = {
	command: "in the command",
	output: "in the output",
	value: "in a value",
	note: "in a note",
	title: "in the title",
};

export function SearchResults({
	filter,
	keys,
	clear,
}: {
	filter: RecordFilter;
	/** For the field above, which keeps the keyboard. */
	keys: Ref<ListKeys>;
	clear: () => void;
}) {
	const { router } = useApp();
	const query = filter.q;
	const filtered = isFiltered(filter);
	const found = useRequest("record.search", { query, ...listArgument(filter) });
	const groups = bySession(found.data.value?.hits ?? []);
	const hits = groups.flatMap((group) => group.hits);
	const list = useListKeys({
		// What another search found is still in sight, and nothing that one means.
		count: found.current ? hits.length : 0,
		group: "Record",
		next: "Next hit",
		before: "Hit before",
		opens: "To this moment",
		show: (index) => document.getElementById(`hit-${index}`)?.scrollIntoView({ block: "nearest" }),
		open(index) {
			const hit = hits[index];
			if (hit) router.navigate(hitAddress(hit, query, writeFilter(filter)));
		},
	});
	useImperativeHandle(keys, () => list);
	if (found.problem.value !== null) return <ErrorState problem={found.problem.value} retry={found.reload} />;
	if (found.data.value === null) return <LoadingState label={`Looking for ${query}`} rows={5} />;
	if (hits.length === 0) {
		return (
			<EmptyState
				icon="search"
				title={`Nothing in ${filtered ? "these sessions" : "the record"} says “${query}”`}
				action={<Button onClick={clear}>{filtered ? "Show these sessions" : "Show all sessions"}</Button>}
			>
				What was sent, output, values, notes and titles were looked at; every word must occur.
				{filtered && " Only sessions that the filters let through were looked at."}
			</EmptyState>
		);
	}
	let index = 0;
	return (
		<div class="record-hits">
			<p class="muted" role="status">
				{countWords(hits.length, "hit")} for “{query}” in {countWords(groups.length, "session")}
				{filtered && " that the filters let through"}
			</p>
			{groups.map((group) => (
				<section key={group.session} class="record-hits__session" aria-label={group.title}>
					<h2>
						<a href={`${pageAddress.replay(group.session)}${writeFilter(filter)}`}>{group.title}</a>
						<span class="muted">{utcMoment(group.at)}</span>
					</h2>
					<ol>
						{group.hits.map((hit) => {
							const mine = index++;
							return (
								<li key={mine}>
									<a
										id={`hit-${mine}`}
										class="record-hit"
										aria-current={mine === list.selected ? "true" : undefined}
										href={hitAddress(hit, query, writeFilter(filter))}
									>
										<span class="faint">
											{hit.stepTitle !== null && <strong>{hit.stepTitle}</strong>} {places[hit.where]}
										</span>
										<MarkedSnippet text={hit.snippet} ranges={hit.matches} />
									</a>
								</li>
							);
						})}
					</ol>
				</section>
			))}
		</div>
	);
}

interface SessionHits {
	session: string;
	title: string;
	at: string;
	hits: SearchHit[];
}

/** Hits of the same session together, in the order in which their sessions first come. */
function bySession(hits: readonly SearchHit[]): SessionHits[] {
	const groups = new Map<string, SessionHits>();
	for (const hit of hits) {
		const group = groups.get(hit.session) ?? { session: hit.session, title: hit.title, at: hit.at, hits: [] };
		group.hits.push(hit);
		groups.set(hit.session, group);
	}
	return [...groups.values()];
}

/* The library: open sessions as cards, then every runbook as a table. Type to filter, j and k to move, Enter to open. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { AppHeader } from "../../components/app-header.tsx";
import { Button } from "../../components/button.tsx";
import { PageBody } from "../../components/page-body.tsx";
import { EmptyState, ErrorState, LoadingState, ProblemNote } from "../../components/page-state.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { useRequest } from "../../connection/use-request.ts";
import { useKeys } from "../../keys/use-keys.ts";
import { useListKeys } from "../../keys/use-list-keys.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { ActiveSessionCard } from "./active-session-card.tsx";
import { filterRunbooks, noFilter } from "./filter-runbooks.ts";
import { Lately } from "./lately.tsx";
import { LibraryFilters } from "./library-filters.tsx";
import { RunbookRow } from "./runbook-row.tsx";
import "./library-page.css";

export function LibraryPage() {
	const { connection, router } = useApp();
	const library = useRequest("library.list", {});
	const filter = useSignal(noFilter);
	const search = useRef<HTMLInputElement>(null);
	useEffect(() => {
		document.title = "Library · Runledger";
	}, []);
	useEffect(() => connection.onPush("library.changed", () => library.reload()), [connection, library.reload]);
	const runbooks = useComputed(() => filterRunbooks(library.data.value?.runbooks ?? [], filter.value));
	const list = useListKeys({
		count: runbooks.value.length,
		group: "Library",
		next: "Next runbook",
		before: "Previous runbook",
		opens: "Open it",
		show: (index) => document.getElementById(`runbook-${index}`)?.scrollIntoView({ block: "nearest" }),
		open(index) {
			const runbook = runbooks.value[index];
			if (runbook) router.navigate(pageAddress.runbook(runbook.path));
		},
	});
	useKeys([{ keys: "/", group: "Library", label: "Filter", run: () => search.current?.focus() }]);
	const data = library.data.value;
	const set = (change: Partial<typeof noFilter>) => {
		filter.value = { ...filter.value, ...change };
		list.select(0);
	};
	const filtered = Object.values(filter.value).some((v) => v !== "");
	return (
		<>
			<AppHeader current="library">
				<SearchField
					field={search}
					class="library__search"
					label="Filter the runbooks"
					placeholder="Find a runbook"
					value={filter.value.query}
					onInput={(event) => set({ query: event.currentTarget.value })}
					onKeyDown={(event) => {
						if (event.key === "Escape") {
							set({ query: "" });
							event.currentTarget.blur();
						} else if (event.key === "Enter" && !event.repeat) list.openSelected();
						else if (event.key === "ArrowDown") list.move(1);
						else if (event.key === "ArrowUp") list.move(-1);
						else return;
						event.preventDefault();
					}}
				/>
			</AppHeader>
			<PageBody
				class="library"
				title="Runbooks"
				beside={
					data &&
					data.runbooks.length > 0 && <LibraryFilters runbooks={data.runbooks} filter={filter.value} set={set} />
				}
			>
				{data === null && library.problem.value !== null && (
					<ErrorState problem={library.problem.value} retry={library.reload} />
				)}
				{data === null && library.problem.value === null && <LoadingState label="Reading the library" rows={7} />}
				{data && (
					<>
						{data.problems.map((problem) => (
							<ProblemNote key={problem.detail} problem={problem} />
						))}
						{data.active.length > 0 && (
							<section class="library__active" aria-label="Open sessions">
								{data.active.map((session) => (
									<ActiveSessionCard key={session.session} session={session} />
								))}
							</section>
						)}
						{data.runbooks.length === 0 ? (
							<EmptyState icon="book" title="No runbooks yet">
								<p>
									A runbook is a Markdown file. Put one into a folder that <code>runbooks</code> in{" "}
									<code>runledger.yaml</code> names; it appears here by itself.
								</p>
							</EmptyState>
						) : runbooks.value.length === 0 ? (
							<EmptyState
								icon="search"
								title="No runbook matches"
								action={filtered && <Button onClick={() => set(noFilter)}>Show all {data.runbooks.length}</Button>}
							>
								Titles, summaries, paths, systems and owners are looked at.
							</EmptyState>
						) : (
							<table class="list-table library-table">
								<thead>
									<tr>
										<th scope="col">Runbook</th>
										<th scope="col">System</th>
										<th scope="col">Severity</th>
										<th scope="col">Owner</th>
										<th scope="col">Last passing run</th>
										<th scope="col" class="library-table__number">
											Usually
										</th>
									</tr>
								</thead>
								<tbody>
									{runbooks.value.map((runbook, i) => (
										<RunbookRow
											key={runbook.path}
											id={`runbook-${i}`}
											runbook={runbook}
											selected={i === list.selected}
										/>
									))}
								</tbody>
							</table>
						)}
						<Lately />
					</>
				)}
			</PageBody>
		</>
	);
}

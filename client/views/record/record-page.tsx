/* The record: every session as a table, filters in the address, full text over commands and output, and whether all of it is as it was written. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { AppHeader } from "../../components/app-header.tsx";
import { Button } from "../../components/button.tsx";
import { PageBody } from "../../components/page-body.tsx";
import { EmptyState, ErrorState, LoadingState } from "../../components/page-state.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { useRequest } from "../../connection/use-request.ts";
import { useKeys } from "../../keys/use-keys.ts";
import type { ListKeys } from "../../keys/use-list-keys.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { countWords } from "../../words/count-words.ts";
import {
	anyRecord,
	isFiltered,
	listArgument,
	type RecordFilter,
	readFilter,
	widen,
	writeFilter,
} from "./record-filter.ts";
import { RecordFilters } from "./record-filters.tsx";
import { RecordVerification } from "./record-verification.tsx";
import { SearchResults } from "./search-results.tsx";
import { SessionTable } from "./session-table.tsx";
import "./record-page.css";

const typingMs = 250;

export function RecordPage() {
	const { router } = useApp();
	const filter = readFilter(router.location.value.search);
	const list = useRequest("record.list", listArgument(filter));
	const choices = useSignal({ target: [], person: [], runbook: [] } as ReturnType<typeof widen>);
	const search = useRef<HTMLInputElement>(null);
	const shown = useRef<ListKeys>(null);
	const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
	useEffect(() => {
		document.title = "Record · Runledger";
		return () => clearTimeout(typing.current);
	}, []);
	const data = list.data.value;
	useEffect(() => {
		if (data) choices.value = widen(choices.peek(), data.sessions);
	}, [data, choices]);
	const set = (change: Partial<RecordFilter>) => {
		shown.current?.select(0);
		const next = { ...readFilter(router.location.peek().search), ...change };
		router.navigate(`${pageAddress.record}${writeFilter(next)}`, { replace: true });
	};
	useKeys([{ keys: "/", group: "Record", label: "Search commands and output", run: () => search.current?.focus() }]);
	const sessions = useComputed(() => list.data.value?.sessions ?? []);
	return (
		<>
			<AppHeader current="record">
				<SearchField
					field={search}
					class="record__search"
					label="Search commands and output"
					defaultValue={filter.q}
					onInput={(event) => {
						const q = event.currentTarget.value;
						clearTimeout(typing.current);
						typing.current = setTimeout(() => set({ q: q.trim() }), typingMs);
					}}
					onKeyDown={(event) => {
						const { key, currentTarget: field } = event;
						if (!["Escape", "Enter", "ArrowDown", "ArrowUp"].includes(key)) return;
						event.preventDefault();
						clearTimeout(typing.current);
						if (key === "Escape") {
							field.value = "";
							set({ q: "" });
							field.blur();
						} else if (field.value.trim() !== filter.q) {
							// What is in sight is not what stands in the field: that is looked for first.
							set({ q: field.value.trim() });
						} else if (key === "ArrowDown") shown.current?.move(1);
						else if (key === "ArrowUp") shown.current?.move(-1);
						else if (!event.repeat) shown.current?.openSelected();
					}}
				/>
			</AppHeader>
			<PageBody
				class="record"
				title="Record"
				beside={
					data && (
						<span class="muted" role="status">
							{filter.q === ""
								? `${countWords(data.sessions.length, "session")}${isFiltered(filter) ? " match" : ""}`
								: ""}
						</span>
					)
				}
			>
				{filter.q === "" && data !== null && (data.sessions.length > 0 || isFiltered(filter)) && (
					<RecordVerification sessions={data.sessions} filtered={isFiltered(filter)} />
				)}
				{(filter.q !== "" || isFiltered(filter) || (data !== null && data.sessions.length > 0)) && (
					<RecordFilters filter={filter} choices={choices.value} set={set} />
				)}
				{filter.q !== "" ? (
					<SearchResults
						filter={filter}
						keys={shown}
						clear={() => {
							if (search.current) search.current.value = "";
							set({ q: "" });
						}}
					/>
				) : data === null && list.problem.value !== null ? (
					<ErrorState problem={list.problem.value} retry={list.reload} />
				) : data === null ? (
					<LoadingState label="Reading the record" rows={8} />
				) : data.sessions.length > 0 ? (
					<SessionTable sessions={sessions.value} from={writeFilter(filter)} keys={shown} />
				) : isFiltered(filter) ? (
					<EmptyState
						icon="search"
						title="No session matches"
						action={<Button onClick={() => set({ ...anyRecord, q: filter.q })}>Show all</Button>}
					>
						Kind, outcome, target, person, runbook and days are all asked for at once.
					</EmptyState>
				) : (
					<EmptyState
						icon="book"
						title="Nothing has been recorded yet"
						action={
							<Button kind="primary" href={pageAddress.library}>
								To the library
							</Button>
						}
					>
						Each walk through a runbook becomes a session here, from its first event on. Start one from the library.
					</EmptyState>
				)}
			</PageBody>
		</>
	);
}

/* The library: open sessions as cards, then every runbook as a table. Type to filter, j and k to move, Enter to open. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { AppHeader } from "../../components/app-header.tsx";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { KeyHint } from "../../components/key-hint.tsx";
import { EmptyState, ErrorState, LoadingState } from "../../components/page-state.tsx";
import { useRequest } from "../../connection/use-request.ts";
import { useKeys } from "../../keys/use-keys.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { ActiveSessionCard } from "./active-session-card.tsx";
import { filterRunbooks, noFilter, occurring } from "./filter-runbooks.ts";
import { Lately } from "./lately.tsx";
import { RunbookRow } from "./runbook-row.tsx";
import "./library-page.css";

export function LibraryPage() {
	const { connection, router } = useApp();
	const library = useRequest("library.list", {});
	const filter = useSignal(noFilter);
	const at = useSignal(0);
	const search = useRef<HTMLInputElement>(null);
	useEffect(() => {
		document.title = "Library · Runledger";
	}, []);
	useEffect(() => connection.onPush("library.changed", () => library.reload()), [connection, library.reload]);
	const runbooks = useComputed(() => filterRunbooks(library.data.value?.runbooks ?? [], filter.value));
	const selected = Math.min(at.value, Math.max(0, runbooks.value.length - 1));
	const move = (by: number) => {
		at.value = Math.min(Math.max(0, selected + by), Math.max(0, runbooks.value.length - 1));
		document.getElementById(`runbook-${at.value}`)?.scrollIntoView({ block: "nearest" });
	};
	const open = () => {
		const runbook = runbooks.value[selected];
		if (runbook) router.navigate(pageAddress.runbook(runbook.path));
	};
	useKeys([
		{ keys: "j", group: "Library", label: "Next runbook", repeats: true, run: () => move(1) },
		{ keys: "k", group: "Library", label: "Previous runbook", repeats: true, run: () => move(-1) },
		{ keys: "ArrowDown", group: "Library", label: "Next runbook", repeats: true, run: () => move(1) },
		{ keys: "ArrowUp", group: "Library", label: "Previous runbook", repeats: true, run: () => move(-1) },
		{ keys: "Enter", group: "Library", label: "Open it", hidden: true, run: open },
		{ keys: "/", group: "Library", label: "Filter", run: () => search.current?.focus() },
	]);
	const data = library.data.value;
	const set = (change: Partial<typeof noFilter>) => {
		filter.value = { ...filter.value, ...change };
		at.value = 0;
	};
	const filtered = Object.values(filter.value).some((v) => v !== "");
	return (
		<>
			<AppHeader current="library">
				<label class="library-search">
					<span class="sr-only">Filter the runbooks</span>
					<Icon name="search" size={15} />
					<input
						ref={search}
						class="input"
						type="search"
						placeholder="Find a runbook"
						value={filter.value.query}
						onInput={(event) => set({ query: event.currentTarget.value })}
						onKeyDown={(event) => {
							if (event.key === "Escape") {
								set({ query: "" });
								event.currentTarget.blur();
							} else if (event.key === "Enter" && !event.repeat) open();
							else if (event.key === "ArrowDown") move(1);
							else if (event.key === "ArrowUp") move(-1);
							else return;
							event.preventDefault();
						}}
					/>
					<KeyHint keys="/" />
				</label>
			</AppHeader>
			<main class="library">
				<div class="library__head">
					<h1>Runbooks</h1>
					{data && data.runbooks.length > 0 && (
						<div class="library__filters">
							<Choose
								name="system"
								value={filter.value.system}
								options={occurring(data.runbooks.flatMap((r) => r.systems))}
								onChange={(system) => set({ system })}
							/>
							<Choose
								name="severity"
								value={filter.value.severity}
								options={occurring(data.runbooks.map((r) => r.severity))}
								onChange={(severity) => set({ severity })}
							/>
							<Choose
								name="freshness"
								value={filter.value.freshness}
								options={["fresh", "stale", "never"]}
								onChange={(freshness) => set({ freshness: freshness as typeof noFilter.freshness })}
							/>
						</div>
					)}
				</div>
				{data === null && library.problem.value !== null && (
					<ErrorState problem={library.problem.value} retry={library.reload} />
				)}
				{data === null && library.problem.value === null && <LoadingState label="Reading the library" rows={7} />}
				{data && (
					<>
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
							<table class="library-table">
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
										<RunbookRow key={runbook.path} id={`runbook-${i}`} runbook={runbook} selected={i === selected} />
									))}
								</tbody>
							</table>
						)}
						<Lately />
					</>
				)}
			</main>
		</>
	);
}

function Choose({
	name,
	value,
	options,
	onChange,
}: {
	name: string;
	value: string;
	options: readonly string[];
	onChange: (value: string) => void;
}) {
	if (options.length === 0) return null;
	return (
		<label class={`library__choose ${value === "" ? "" : "library__choose--set"}`}>
			<span>{name}:</span>
			<select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
				<option value="">any</option>
				{options.map((option) => (
					<option key={option} value={option}>
						{option}
					</option>
				))}
			</select>
		</label>
	);
}

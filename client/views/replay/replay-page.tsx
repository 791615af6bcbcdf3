/* A session played back beside its document: what the screen showed, who did what, and whether all of it is as it was written. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { httpRoutes } from "../../../core/protocol.ts";
import { AppHeader } from "../../components/app-header.tsx";
import { Badge, EnvironmentBadge, KindBadge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ErrorState, LoadingState } from "../../components/page-state.tsx";
import { useKeys } from "../../keys/use-keys.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { utcDay } from "../../words/utc-words.ts";
import { readFilter, writeFilter } from "../record/record-filter.ts";
import { contentText } from "../session/parse-content.ts";
import { useSessionHits } from "../session/use-session-hits.ts";
import { DocumentPane } from "./document-pane.tsx";
import { FactsPanel } from "./facts-panel.tsx";
import { type FoundPlace, linesBefore, shownAfter } from "./hit-place.ts";
import { queryOfHash } from "./moment-link.ts";
import { createPlayer } from "./player.ts";
import { type Replay, ReplayContext } from "./replay-context.ts";
import { readSession } from "./replay-source.ts";
import { RunList } from "./run-list.tsx";
import { Scrubber } from "./scrubber.tsx";
import { HitList, SessionSearch } from "./session-search.tsx";
import { badPlace, SessionVerification } from "./session-verification.tsx";
import { Stage } from "./stage.tsx";
import { timesBegun } from "./times-begun.ts";
import { useHashMoment } from "./use-hash-moment.ts";
import type { Verified } from "./verify-session.ts";
import "./replay-page.css";

export function ReplayPage({ route }: { route: { page: "replay"; session: string } }) {
	const { connection, clock } = useApp();
	const { session } = route;
	const source = useMemo(() => readSession(session, connection, clock), [session, connection, clock]);
	const player = useMemo(() => createPlayer(source.timeline, window), [source]);
	useEffect(
		() => () => {
			player.dispose();
			source.dispose();
		},
		[player, source],
	);
	const query = useSignal(queryOfHash(window.location.hash));
	const names = useComputed(() => ({
		person: (id: string) => source.store.state.value?.participants[id]?.name?.content ?? id,
		step: (name: string) => source.store.specs.value.get(name)?.title ?? name,
	}));
	const found = useSignal<FoundPlace | null>(null);
	const gone = useSignal<number | null>(null);
	const checked = useSignal<Verified | null>(null);
	const altered = useComputed(() => {
		const run = badPlace(checked.value?.firstBad ?? null, session, source)?.run ?? null;
		return new Set(run === null ? [] : [run.run]);
	});
	const replay = useMemo(
		(): Replay => ({
			source,
			player,
			query,
			names,
			found,
			gone,
			checked,
			altered,
			goTo(run, fromMs) {
				player.seek(run.startedAt + fromMs);
				const asked = query.peek();
				const { recordings } = source;
				void recordings.load(run.state).then(() => {
					const events = recordings.byRun.peek().get(run.run)?.events;
					if (events === undefined || player.at.peek() !== run.startedAt + fromMs) return;
					const at = run.startedAt + shownAfter(events, fromMs, asked);
					player.seek(at);
					found.value = { run: run.run, at, line: linesBefore(events, fromMs) };
				});
			},
			titleOf(run) {
				const title = names.value.step(run.step);
				const times = timesBegun(source.timeline.value?.runs ?? [], run);
				return times > 1 ? `${title}, ${ordinal(times)} time` : title;
			},
		}),
		[source, player, query, names, found, gone, checked, altered],
	);
	return (
		<ReplayContext.Provider value={replay}>
			<Page session={session} replay={replay} />
		</ReplayContext.Provider>
	);
}

function ordinal(n: number): string {
	return n === 2 ? "2nd" : n === 3 ? "3rd" : `${n}th`;
}

function Page({ session, replay }: { session: string; replay: Replay }) {
	const { source, player, query, gone } = replay;
	const { router } = useApp();
	const field = useRef<HTMLInputElement>(null);
	const withDocument = useSignal(window.matchMedia("(min-width: 80rem)").matches);
	const hits = useSessionHits(session, query.value, () => {
		gone.value = null;
	});
	useHashMoment(replay, router.location.value.hash);
	// The list or the hits that one came from stand in the address: the way back leads to them.
	const record = `${pageAddress.record}${writeFilter(readFilter(router.location.value.search))}`;
	const timeline = source.timeline.value;
	const state = source.store.state.value;
	const title = state ? contentText(state.title) : "";
	useEffect(() => {
		document.title = title === "" ? "Replay · Runledger" : `${title} · Replay · Runledger`;
	}, [title]);
	const group = "Replay";
	useKeys([
		{ keys: "Space", group, label: "Play or pause", run: player.toggle },
		{
			keys: "ArrowLeft",
			group,
			label: "Back 5 s",
			repeats: true,
			run: () => player.seek(player.at.value - player.stride.value),
		},
		{
			keys: "ArrowRight",
			group,
			label: "On 5 s",
			repeats: true,
			run: () => player.seek(player.at.value + player.stride.value),
		},
		{ keys: "[", group, label: "Mark before", repeats: true, run: () => player.toMark(-1) },
		{ keys: "]", group, label: "Next mark", repeats: true, run: () => player.toMark(1) },
		{ keys: "j", group, label: "Next step", repeats: true, run: () => player.toRun(1) },
		{ keys: "k", group, label: "Step before", repeats: true, run: () => player.toRun(-1) },
		{ keys: "<", group, label: "Slower", run: () => player.changeSpeed(-1) },
		{ keys: ">", group, label: "Faster", run: () => player.changeSpeed(1) },
		{ keys: "i", group, label: "Skip or play idle time", run: player.toggleIdle },
		{
			keys: "d",
			group,
			label: "Show or hide the document",
			run: () => {
				withDocument.value = !withDocument.value;
			},
		},
		{ keys: "/", group, label: "Search this session", run: () => field.current?.focus() },
	]);
	const environment = source.store.environment.value;
	const counts = useComputed(() => {
		const byRun = new Map<string, number>();
		for (const hit of hits.value?.hits ?? []) {
			if (hit.run !== null) byRun.set(hit.run, (byRun.get(hit.run) ?? 0) + hit.matches.length);
		}
		return hits.value === null ? null : byRun;
	});
	const day = state?.openedAt === undefined ? "" : `, ${utcDay(state.openedAt)}`;
	return (
		<div class="replay">
			<AppHeader
				crumbs={[{ label: "Record", href: record }, { label: title === "" ? "Replay" : `${title}${day}` }]}
				environment={environment}
				badges={
					state && (
						<>
							{environment && <EnvironmentBadge environment={environment} />}
							<KindBadge kind={state.kind} severity={source.store.runbook.value?.severity} />
							{state.status === "open" ? <Badge tone="accent">still open</Badge> : <Badge>read only</Badge>}
						</>
					)
				}
			>
				{timeline !== null && <SessionSearch field={field} found={hits.value} timeline={timeline} />}
				{(timeline !== null || source.failed.value === null) && (
					<>
						<Button
							class="replay__icon"
							icon="book"
							label="Document"
							keys="d"
							pressed={withDocument.value}
							onClick={() => {
								withDocument.value = !withDocument.value;
							}}
						>
							Document
						</Button>
						<Button
							href={httpRoutes.exportSession(session)}
							download
							icon="download"
							class="replay__icon"
							title="Export evidence"
						>
							Export evidence
						</Button>
					</>
				)}
			</AppHeader>
			{timeline === null ? (
				<main class="replay__waiting">
					{source.failed.value === null ? (
						<LoadingState label="Reading the session" rows={8} />
					) : (
						<ErrorState
							problem={source.failed.value}
							retry={source.reload}
							action={<Button href={record}>To the record</Button>}
						/>
					)}
				</main>
			) : (
				<main class={`replay__main ${withDocument.value ? "replay__main--document" : ""}`}>
					<aside class="replay-side" aria-label="Verification, steps and facts">
						<div class="replay-side__top">
							<SessionVerification session={session} />
							{state?.status === "open" && (
								<p class="muted">
									Still open, this is what was written so far.{" "}
									<a href={pageAddress.session(session)}>To the live session</a>
								</p>
							)}
						</div>
						{hits.value !== null && <HitList found={hits.value} timeline={timeline} />}
						<section class="replay-side__part" aria-labelledby="replay-steps">
							<h3 id="replay-steps" class="quiet-heading">
								Steps as they were run
							</h3>
							<RunList timeline={timeline} hits={counts.value} />
						</section>
						<FactsPanel />
					</aside>
					{withDocument.value && <DocumentPane timeline={timeline} />}
					<div class="replay__player">
						<Stage />
						<Scrubber timeline={timeline} />
					</div>
				</main>
			)}
		</div>
	);
}

/* A session: the outline, the document with its steps in place, the cluster live and the timeline. */
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { StepStatus } from "../../../core/session-state.ts";
import { Button } from "../../components/button.tsx";
import { ErrorState, LoadingState } from "../../components/page-state.tsx";
import { isLineOver } from "../../connection/connection.ts";
import { useApp } from "../../shell/app-context.ts";
import { createDrafts } from "../../shell/drafts.ts";
import { draftsInTab } from "../../shell/drafts-in-tab.ts";
import type { Route } from "../../shell/router.ts";
import { BottomBar } from "./bottom-bar.tsx";
import { asksPerson } from "./card/asks-person.ts";
import { ClusterStrip } from "./cluster-strip.tsx";
import { areCommandsInSight, doCommandsFit, showCommands } from "./commands-in-sight.ts";
import { SessionDialogs } from "./dialogs/session-dialogs.tsx";
import { cardOf, focusAnswer, focusUnit, presentUnit } from "./focus-unit.ts";
import { layDocument } from "./lay-document.ts";
import { Outline } from "./outline.tsx";
import { contentText } from "./parse-content.ts";
import { PeopleList } from "./people-menu.tsx";
import { PhoneBar } from "./phone-bar.tsx";
import { createPlanStore } from "./plan-store.ts";
import { readRunMoment } from "./read-run-moment.ts";
import { RecordNotice } from "./record-notice.tsx";
import { createRunControl } from "./run-control.ts";
import { newestRun } from "./run-moment.ts";
import { type OpenDialog, SessionContext, type SessionParts } from "./session-context.ts";
import { SessionDocument } from "./session-document.tsx";
import { SessionHeader } from "./session-header.tsx";
import { followSession } from "./session-store.ts";
import { tabTitle } from "./tab-title.ts";
import { createTerminalLine } from "./terminal/terminal-line.ts";
import { TimelinePanel } from "./timeline/timeline-panel.tsx";
import { TopologyPanel } from "./topology/topology-panel.tsx";
import { keepInSight } from "./use-follow-current.ts";
import { usePhoneTab } from "./use-phone-tab.ts";
import { useSessionKeys } from "./use-session-keys.ts";
import "./session-page.css";

export function SessionPage({ route }: { route: Extract<Route, { page: "session" }> }) {
	const { connection, clock, toasts, me } = useApp();
	const store = useMemo(() => followSession(route.session, connection, clock), [route.session, connection, clock]);
	const plans = useMemo(() => createPlanStore(store, connection), [store, connection]);
	const terminals = useMemo(
		() => createTerminalLine(window, connection.line, () => me.peek()?.person ?? null),
		[connection, me],
	);
	const driving = useComputed(() => {
		const state = store.state.value;
		return state !== null && me.value !== null && state.driver === me.value.person;
	});
	const sought = useSignal<string | null>(null);
	const control = useMemo(
		() =>
			createRunControl({
				store,
				plans,
				connection,
				toasts,
				driving,
				needsPerson: asksPerson,
				show(unit) {
					sought.value = unit.steps[0] ?? null;
					presentUnit(unit.name);
				},
				answer(unit) {
					const card = cardOf(unit.name);
					return card !== null && focusAnswer(card);
				},
				fits(unit) {
					const card = cardOf(unit);
					return card !== null && doCommandsFit(card);
				},
				seen(unit) {
					const card = cardOf(unit);
					if (!card) return false;
					if (areCommandsInSight(card)) return true;
					if (!card.contains(document.activeElement)) focusUnit(unit);
					showCommands(card);
					return false;
				},
			}),
		[store, plans, connection, toasts, driving, sought],
	);
	useEffect(
		() => () => {
			control.dispose();
			plans.dispose();
			store.dispose();
		},
		[control, plans, store],
	);
	const dialog = useSignal<OpenDialog>(null);
	const drafts = useMemo(
		() => createDrafts(draftsInTab(window, route.session, () => me.peek()?.person)),
		[route.session, me],
	);
	// Whoever sits here next is perhaps another.
	useSignalEffect(() => {
		if (!isLineOver(connection.line.value)) return;
		drafts.clear();
		dialog.value = null;
	});
	const opened = useSignal<ReadonlyMap<string, boolean>>(new Map());
	const arriving = useSignal<ReadonlySet<string>>(new Set());
	const typedInto = useSignal<ReadonlySet<string>>(new Set());
	const left = useSignal<ReadonlySet<string>>(new Set());
	const fullScreen = useSignal<string | null>(null);
	const parts = useMemo(
		(): SessionParts => ({
			store,
			plans,
			control,
			terminals,
			driving,
			dialog,
			drafts,
			opened,
			arriving,
			typedInto,
			left,
			sought,
			fullScreen,
			personName(id) {
				if (id === "system") return "the server";
				const name = store.state.peek()?.participants[id]?.name;
				return name === undefined
					? (store.presence.peek().find((p) => p.person === id)?.name ?? id)
					: contentText(name);
			},
		}),
		[store, plans, control, terminals, driving, dialog, drafts, opened, arriving, typedInto, left, sought, fullScreen],
	);
	return (
		<SessionContext.Provider value={parts}>
			<SessionHeader />
			<RecordNotice />
			<SessionBody parts={parts} />
		</SessionContext.Provider>
	);
}

function SessionBody({ parts }: { parts: SessionParts }) {
	const { store, control, fullScreen } = parts;
	const { router } = useApp();
	const at = useComputed(() => control.current.value?.name);
	const { tab, open: openTab } = usePhoneTab(at);
	const aside = useSignal(false);
	const items = useComputed(() => {
		const runbook = store.runbook.value;
		const units = store.units.value;
		return runbook ? layDocument(runbook.blocks, store.state.peek()?.order ?? [], units) : [];
	});
	// What follows from a snapshot is worked out in one task of the page, drawn in the next: with a thousand steps each counts.
	const known = useComputed(() => store.state.value !== null && store.runbook.value !== null);
	const ready = useSignal(false);
	useSignalEffect(() => {
		if (!known.value) return;
		items.peek();
		const timer = setTimeout(() => {
			ready.value = true;
		});
		return () => clearTimeout(timer);
	});
	useTabTitle(parts);
	useSessionKeys(parts, {
		toggleTimeline: () => {
			tab.value = "Timeline";
			aside.value = !aside.value;
			document.getElementById("timeline")?.focus({ preventScroll: true });
			document.getElementById("timeline")?.scrollIntoView({ block: "nearest" });
		},
	});
	// An address with a step goes to it; without one, to what is next.
	useEffect(() => {
		if (!ready.value) return;
		const wanted = router.location.peek().hash;
		const name = wanted !== "" ? wanted : control.current.peek()?.steps[0];
		if (wanted !== "") {
			const unit = store.units.peek().find((u) => u.steps.includes(wanted));
			const status = store.state.peek()?.steps[wanted]?.status;
			// A link to a step that is done, or while one runs, only shows it: the keys stay with what runs or is next.
			const mayChoose = status !== "succeeded" && status !== "skipped" && store.active.peek().length === 0;
			if (unit && mayChoose) control.chosen.value = unit.name;
		}
		if (name !== undefined && (wanted !== "" || store.next.peek()?.steps[0] !== store.state.peek()?.order[0])) {
			parts.sought.value = name;
			requestAnimationFrame(() =>
				requestAnimationFrame(() => {
					goToStepQuietly(name);
					const card = cardOf(control.current.peek()?.name ?? "");
					// Its question may have the keyboard already.
					if (card && !card.contains(document.activeElement)) card.focus({ preventScroll: true });
				}),
			);
		}
	}, [ready.value, control, router, store, parts]);
	// Once the procedure has moved on by itself, a reload comes back to where it is, not to where one was.
	const was = useRef<string | undefined>(undefined);
	useSignalEffect(() => {
		const before = was.current;
		was.current = at.value;
		if (before === undefined || before === at.value || control.chosen.peek() !== null) return;
		history.replaceState(null, "", location.pathname + location.search);
	});
	// A terminal that filled the window gives it back when its run has ended and nobody types in it.
	useSignalEffect(() => {
		const run = fullScreen.value;
		if (run !== null && store.state.value?.runs[run] === undefined) fullScreen.value = null;
	});
	if (!ready.value) {
		return (
			<div class="session__loading">
				{store.failed.value ? (
					<ErrorState
						problem={store.failed.value}
						retry={() => store.reload()}
						action={<Button href="/">To the library</Button>}
					/>
				) : (
					<LoadingState label="Reading the session" rows={8} />
				)}
			</div>
		);
	}
	return (
		<>
			<div class={`session session--${tab.value}`}>
				<div class="session__outline">
					<Outline items={items.value} />
				</div>
				<div class="session__middle">
					<div class="session__strip">
						<ClusterStrip
							onOpen={() => {
								tab.value = "Cluster";
								aside.value = !aside.value;
							}}
						/>
					</div>
					<SessionDocument items={items.value} />
				</div>
				<aside class={`session__aside ${aside.value ? "session__aside--open" : ""}`} aria-label="Cluster and timeline">
					<div class="session__clusters">
						<TopologyPanel />
					</div>
					<TimelinePanel />
				</aside>
				<div class="session__people">
					<PeopleList />
				</div>
			</div>
			<BottomBar />
			<PhoneBar tab={tab.value} onTab={openTab} />
			<SessionDialogs />
		</>
	);
}

function goToStepQuietly(name: string): void {
	const element = document.getElementById(name) ?? document.querySelector(`[data-step="${CSS.escape(name)}"]`);
	const unit = element?.closest<HTMLElement>("[data-unit]");
	if (!unit) {
		document.getElementById(name)?.scrollIntoView();
		return;
	}
	unit.scrollIntoView({ block: "center" });
	keepInSight(unit.closest("main"), `[data-unit="${CSS.escape(unit.dataset.unit ?? "")}"]`);
}

function useTabTitle({ store, control, driving }: SessionParts): void {
	const app = useApp();
	useSignalEffect(() => {
		const state = store.state.value;
		if (!state) {
			document.title = "Session · Runledger";
			return;
		}
		const statuses = state.order.map((name) => state.steps[name]?.status);
		const run = newestRun(store.active.value);
		const driver = store.presence.value.find((one) => one.driving);
		document.title = tabTitle({
			title: store.runbook.value?.title ?? "Session",
			done: statuses.filter((s) => s === "succeeded" || s === "skipped").length,
			steps: statuses.length,
			closed: state.status === "closed",
			moment: run === undefined ? null : readRunMoment(run, store, app),
			runningOn: control.runningOn.value,
			ended: howEnded(store.next.value?.steps.map((name) => state.steps[name]?.status) ?? []),
			driver: driving.value ? "you" : driver ? { name: driver.name } : null,
			confirming: control.confirming.value !== null,
		});
	});
}

/** What became of a unit that is to be done again; the gravest of its steps' ends. */
function howEnded(statuses: readonly (StepStatus | undefined)[]): "failed" | "cancelled" | "lost" | null {
	return (["lost", "failed", "cancelled"] as const).find((end) => statuses.includes(end)) ?? null;
}

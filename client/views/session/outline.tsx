/* The procedure at a glance: how far, how long, and each step with its state. A press goes to the step. */
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Unit } from "../../../core/runbook.ts";
import { sessionTookMs } from "../../../core/session-took.ts";
import { KeyHint } from "../../components/key-hint.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { useKeys } from "../../keys/use-keys.ts";
import { useApp } from "../../shell/app-context.ts";
import { durationWords, roughDurationWords } from "../../words/duration-words.ts";
import { runTookMs } from "../../words/run-took.ts";
import { useStep } from "./card/use-step.ts";
import type { DocumentItem } from "./lay-document.ts";
import { createMountQueue, type MountQueue } from "./mount-queue.ts";
import { OutlineSearch } from "./outline-search.tsx";
import { useSession } from "./session-context.ts";
import { useGoToStep } from "./use-go-to-step.ts";
import "./outline.css";

/** Rows that stand in the first paint: more than fit a window. */
const firstRows = 40;
/** Beyond this a list is drawn in a task of its own, after the cards. */
const drawnWithCards = 100;

export function Outline({ items }: { items: readonly DocumentItem[] }) {
	const queue = useMemo(() => createMountQueue(window, firstRows), []);
	useEffect(() => () => queue.dispose(), [queue]);
	const listed = useSignal(items.length <= drawnWithCards);
	useEffect(() => {
		const timer = setTimeout(() => {
			listed.value = true;
		});
		return () => clearTimeout(timer);
	}, [listed]);
	const field = useRef<HTMLInputElement>(null);
	const query = useSignal("");
	useKeys([
		{
			keys: "/",
			group: "Move",
			label: "Search steps and output",
			// A phone has no outline; there the key is the browser's.
			enabled: () => (field.current?.offsetWidth ?? 0) > 0,
			run() {
				field.current?.focus();
				field.current?.select();
			},
		},
	]);
	return (
		<nav class="outline" aria-label="Steps">
			<Progress />
			<OutlineSearch field={field} query={query} />
			<ol class="outline__list" hidden={query.value.trim() !== ""}>
				{(listed.value ? items : []).map((item) =>
					item.kind === "heading" && item.level > 1 ? (
						<OutlineHeading key={item.key} id={item.id} text={item.text} />
					) : item.kind === "unit" ? (
						<OutlineUnit key={item.key} unit={item.unit} queue={queue} />
					) : null,
				)}
			</ol>
		</nav>
	);
}

function OutlineHeading({ id, text }: { id: string; text: string }) {
	const goToStep = useGoToStep();
	return (
		<li class="outline__heading">
			<a
				href={`#${encodeURIComponent(id)}`}
				onClick={(event) => {
					event.preventDefault();
					goToStep(id);
				}}
			>
				{text}
			</a>
		</li>
	);
}

/** The rows of a unit; as long as they wait, their room. */
function OutlineUnit({ unit, queue }: { unit: Unit; queue: MountQueue }) {
	const { control } = useSession();
	const mounted = queue.mounted(unit.name, unit.steps.length);
	const root = useRef<HTMLLIElement>(null);
	const current = useComputed(() => control.current.value?.name === unit.name);
	useSignalEffect(() => {
		if (!current.value) return;
		queue.hurry(unit.name);
		requestAnimationFrame(() => root.current?.scrollIntoView({ block: "nearest" }));
	});
	return (
		<li ref={root} class={unit.group ? "outline__group" : ""}>
			{mounted.value ? (
				unit.steps.map((step) => <OutlineStep key={step} name={step} unit={unit.name} first={step === unit.steps[0]} />)
			) : (
				<div style={{ height: `${unit.steps.length * 2.1}rem` }} />
			)}
		</li>
	);
}

function OutlineStep({ name, unit, first }: { name: string; unit: string; first: boolean }) {
	const { store, control, driving } = useSession();
	const goToStep = useGoToStep();
	const { spec, step, run, shown } = useStep(name, unit);
	const current = useComputed(() => control.current.value?.name === unit);
	const next = useComputed(() => store.next.value?.name === unit && store.idle.value);
	const tookMs = run.value === undefined ? null : runTookMs(run.value);
	const took =
		tookMs !== null && shown.value !== "idle" && shown.value !== "skipped" && shown.value !== "not-needed"
			? durationWords(tookMs)
			: "";
	const isNext = next.value && (step.value?.status === "idle" || step.value?.status === "failed");
	return (
		<a
			class={`outline__step ${current.value ? "outline__step--current" : ""} outline__step--${shown.value}`}
			href={`#${encodeURIComponent(name)}`}
			aria-current={current.value ? "step" : undefined}
			onClick={(event) => {
				event.preventDefault();
				control.chosen.value = unit;
				goToStep(name, true);
			}}
		>
			{isNext && step.value?.status === "idle" ? (
				<span class="outline__next" title="next" role="img" aria-label="next" />
			) : (
				<StateMark state={shown.value} />
			)}
			<span class="outline__title" title={spec.value?.title}>
				{spec.value?.title ?? name}
			</span>
			{current.value && isNext && first && driving.value ? (
				<KeyHint keys="Enter" />
			) : (
				<span class="outline__took">{took}</span>
			)}
		</a>
	);
}

function Progress() {
	const { store } = useSession();
	const { clock } = useApp();
	const counts = useComputed(() => {
		const state = store.state.value;
		const statuses = state?.order.map((name) => state.steps[name]?.status ?? "idle") ?? [];
		return { statuses, done: statuses.filter((s) => s === "succeeded" || s === "skipped").length };
	});
	const spent = useComputed(() => {
		const state = store.state.value;
		const ms = sessionTookMs(state ?? {}, state?.closedAt === undefined ? clock.now.value : undefined);
		if (ms === null) return "";
		const took = state?.closedAt === undefined ? "" : "took ";
		return took + (ms < 60_000 ? "under 1 min" : roughDurationWords(ms));
	});
	const { statuses, done } = counts.value;
	const usually = store.usuallyMs.value;
	return (
		<div class="outline__progress">
			<p>
				<strong>
					{done} of {statuses.length} done
				</strong>
				<span class="muted">
					{" "}
					· {spent}
					{usually !== null && `, usually ${roughDurationWords(usually)}`}
				</span>
			</p>
			<div
				class={`outline__bar ${statuses.length > 40 ? "outline__bar--dense" : ""}`}
				role="progressbar"
				aria-valuemin={0}
				aria-valuemax={statuses.length}
				aria-valuenow={done}
				aria-label={`${done} of ${statuses.length} steps done`}
			>
				{statuses.length > 40 ? (
					<span class="outline__part outline__part--succeeded" style={{ flexGrow: done }} />
				) : (
					statuses.map((status, i) => (
						<span
							key={i}
							class={`outline__part outline__part--${status} ${store.next.value?.steps.includes(store.state.value?.order[i] ?? "") ? "outline__part--next" : ""}`}
						/>
					))
				)}
				{statuses.length > 40 && <span class="outline__part" style={{ flexGrow: statuses.length - done }} />}
			</div>
		</div>
	);
}

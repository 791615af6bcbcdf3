/* The middle column: the runbook's title, its values, its prose with the steps' cards in place, and the end. */
import { useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { LineText } from "../../../steps/prose-text.tsx";
import { Button } from "../../components/button.tsx";
import { Html } from "../../components/html.tsx";
import { Icon } from "../../components/icon.tsx";
import { SessionMark } from "../../components/session-mark.tsx";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { StepNotes } from "./card/step-notes.tsx";
import { UnitCard } from "./card/unit-card.tsx";
import { cutPortions } from "./cut-portions.ts";
import type { DocumentItem } from "./lay-document.ts";
import { createMountQueue, type MountQueue } from "./mount-queue.ts";
import { contentText } from "./parse-content.ts";
import { useSession } from "./session-context.ts";
import { SessionEnd } from "./session-end.tsx";
import { SessionValues } from "./session-values.tsx";
import { useFocusCurrent } from "./use-focus-current.ts";
import { useFollowCurrent } from "./use-follow-current.ts";
import "./session-document.css";

/** Steps whose cards stand in the first paint. */
const firstSteps = 8;

export function SessionDocument({ items }: { items: readonly DocumentItem[] }) {
	const { store, control } = useSession();
	const runbook = store.runbook.value;
	// Only what the head shows: the whole document is not drawn again for each event.
	const kind = useComputed(() => store.state.value?.kind);
	const changed = useComputed(() => store.state.value?.runbookChanged);
	const path = useComputed(() => store.state.value?.runbook.path ?? "");
	const close = useComputed(() => store.state.value?.close);
	const queue = useMemo(() => createMountQueue(window, firstSteps), []);
	useEffect(() => () => queue.dispose(), [queue]);
	const portions = useMemo(() => new Map<string, number>(), []);
	const root = useRef<HTMLElement>(null);
	useFollowCurrent(root);
	useFocusCurrent(root);

	// The card that the hand is on stays where it is while one above it folds or grows.
	useSignalEffect(() => {
		store.active.value;
		const name = control.current.value?.name;
		const card = name === undefined ? null : root.current?.querySelector(`[data-unit="${CSS.escape(name)}"]`);
		if (!card) return;
		const before = card.getBoundingClientRect().top;
		if (before < 0 || before > window.innerHeight) return;
		requestAnimationFrame(() => {
			const moved = card.getBoundingClientRect().top - before;
			if (Math.abs(moved) > 1) window.scrollBy(0, moved);
		});
	});
	if (kind.value === undefined || !runbook) return null;
	// The title stands above; the same as the document's first heading is not said twice.
	const first = items[0];
	const shown = first?.kind === "heading" && first.level === 1 ? items.slice(1) : items;
	return (
		<main class="session-document" ref={root}>
			<header class="session-document__head">
				<h1>{runbook.title}</h1>
				{kind.value === "rehearsal" && (
					<p class="session-document__notice">
						<Icon name="info" /> A rehearsal: every command is shown as it would run, nothing is executed.
					</p>
				)}
				{changed.value !== undefined && (
					<p class="session-document__notice session-document__notice--warn">
						<Icon name="alert" />{" "}
						{changed.value === null ? (
							"The runbook’s file is gone since this session was opened; here is what it opened."
						) : (
							<>
								The runbook’s file has changed since this session was opened; here is what it opened.{" "}
								<a href={pageAddress.runbook(path.value)}>See the file now</a>
							</>
						)}
					</p>
				)}
				{close.value !== undefined && (
					<Closed outcome={close.value.outcome} summary={contentText(close.value.summary)} />
				)}
			</header>
			<SessionValues />
			{cutPortions(shown, stepsOf, portions).map((portion, i) => (
				<Portion key={i} name={`portion ${i}`} items={portion} queue={queue} />
			))}
			<StepNotes step={null} />
			{close.value === undefined && <SessionEnd />}
		</main>
	);
}

/** How it ended, and the way to its record. Whoever is here when it is closed is brought to it. */
function Closed({ outcome, summary }: { outcome: string; summary: string }) {
	const { store } = useSession();
	const { clock } = useApp();
	useEffect(() => {
		const closedAt = Date.parse(store.state.peek()?.closedAt ?? "");
		if (clock.read() - closedAt < 3_000) window.scrollTo(0, 0);
	}, [store, clock]);
	return (
		<section class={`session-document__closed session-document__closed--${outcome}`}>
			<SessionMark word={outcome} />
			<div>
				<p>
					<strong>Closed as {outcome}.</strong> <LineText text={summary} />
				</p>
				<Button href={pageAddress.replay(store.session)}>Open the record</Button>
			</div>
		</section>
	);
}

function Heading({ item }: { item: Extract<DocumentItem, { kind: "heading" }> }) {
	const Tag = `h${Math.min(4, Math.max(2, item.level))}` as "h2";
	return (
		<Tag id={item.id} class="session-document__heading">
			{item.text}
		</Tag>
	);
}

const stepsOf = (item: DocumentItem) => (item.kind === "unit" ? item.unit.steps.length : 0);

/** A part of the document, or the place of it: it is drawn when it is near, or sought, or its turn has come. */
function Portion({ name, items, queue }: { name: string; items: readonly DocumentItem[]; queue: MountQueue }) {
	const { control, sought } = useSession();
	const element = useRef<HTMLDivElement>(null);
	const mounted = queue.mounted(
		name,
		items.reduce((sum, item) => sum + stepsOf(item), 0),
	);
	const isSought = useComputed(() => {
		const unit = control.current.value?.name;
		const wanted = sought.value ?? "";
		return items.some((item) =>
			item.kind === "unit"
				? item.unit.name === unit || item.unit.steps.includes(wanted)
				: item.kind === "heading" && item.id === wanted,
		);
	}).value;
	useEffect(() => {
		if (isSought) queue.hurry(name);
	}, [isSought, name, queue]);
	useEffect(() => {
		if (mounted.peek() || !element.current) return;
		const observer = new IntersectionObserver(
			([entry]) => {
				if (entry?.isIntersecting) queue.hurry(name);
			},
			{ rootMargin: "800px" },
		);
		observer.observe(element.current);
		return () => observer.disconnect();
	}, [name, mounted, queue]);
	if (!mounted.value && !isSought) {
		const height = items.reduce((sum, item) => sum + (item.kind === "unit" ? 9 : 3), 0);
		return <div ref={element} class="portion portion--waiting" style={{ height: `${height}rem` }} />;
	}
	return (
		<div class="portion">
			{items.map((item) => (
				<div key={item.key} class={`slice slice--${item.kind}`}>
					{item.kind === "unit" ? (
						<UnitCard unit={item.unit} items={item.items} />
					) : item.kind === "prose" ? (
						<Html html={item.html} />
					) : (
						<Heading item={item} />
					)}
				</div>
			))}
		</div>
	);
}

/* What happened, in words, newest at the end; times in UTC. Copies as Markdown, all of it. */
import { useComputed, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { JoinedEvent } from "../../../../core/session-event.ts";
import { LineText } from "../../../../steps/prose-text.tsx";
import { Button } from "../../../components/button.tsx";
import { KeyHint } from "../../../components/key-hint.tsx";
import { problemOf } from "../../../connection/connection.ts";
import { useApp } from "../../../shell/app-context.ts";
import { copyText } from "../../../shell/copy-text.ts";
import { pageAddress } from "../../../shell/router.ts";
import { countWords } from "../../../words/count-words.ts";
import { utcClock, utcMoment } from "../../../words/utc-words.ts";
import { useSession } from "../session-context.ts";
import { useGoToStep } from "../use-go-to-step.ts";
import { runnersOf } from "./runners-of.ts";
import { timelineMarkdown } from "./timeline-markdown.ts";
import { type TimelineEntry, timelineWords } from "./timeline-words.ts";
import "./timeline-panel.css";

/** Events that are put into words at first; more on request. */
const firstEvents = 150;
/** More than this is drawn in a task of its own, after the document. */
const drawnWithDocument = 40;

export function TimelinePanel() {
	const { store, personName } = useSession();
	const { connection, toasts } = useApp();
	const shown = useSignal(store.events.peek().length <= drawnWithDocument ? firstEvents : drawnWithDocument);
	useEffect(() => {
		const timer = setTimeout(() => {
			shown.value = Math.max(shown.peek(), firstEvents);
		});
		return () => clearTimeout(timer);
	}, [shown]);
	const end = useRef<HTMLLIElement>(null);
	const list = useRef<HTMLOListElement>(null);
	const atEnd = useRef(true);
	// As text, so that the panel hears of it when somebody else begins to run steps, and not with every event.
	const runners = useComputed(() => (store.state.value ? runnersOf(store.state.value) : []).join("\n"));
	const onlyRunner = runners.value === "" || runners.value.includes("\n") ? null : personName(runners.value);
	const names = {
		person: personName,
		step: (name: string) => store.specs.peek().get(name)?.title ?? name,
		ranBy(run: string) {
			const by = runners.value.includes("\n") ? store.state.peek()?.runs[run]?.requestedBy : undefined;
			return by === undefined ? null : personName(by);
		},
	};
	const entries = useComputed(() => {
		store.specs.value;
		return timelineWords(store.events.value.slice(-shown.value), names);
	});
	const earlier = useComputed(() =>
		Math.max(0, (store.state.value?.seq ?? 0) - Math.min(shown.value, store.events.value.length)),
	);
	const known = useMemo(() => new Map<number, { words: string; node: VNode }>(), []);

	// Follows what comes in, unless somebody reads further up; also when the cluster's panel above takes more room.
	useEffect(() => {
		const scroller = list.current?.closest<HTMLElement>("[data-scroller]");
		if (!scroller) return;
		let from = scroller.scrollTop;
		const toEnd = () => {
			if (atEnd.current) scroller.scrollTop = scroller.scrollHeight;
			// Also where less stands there now and the browser moved it up: that was nobody who went up.
			from = scroller.scrollTop;
		};
		// Only who goes up leaves the end: what came in since the last move may have put it further down.
		const moved = () => {
			const top = scroller.scrollTop;
			if (scroller.scrollHeight - top - scroller.clientHeight < 80) atEnd.current = true;
			else if (top < from) atEnd.current = false;
			from = top;
		};
		const resized = new ResizeObserver(toEnd);
		resized.observe(scroller);
		if (list.current) resized.observe(list.current);
		scroller.addEventListener("scroll", moved, { passive: true });
		return () => {
			resized.disconnect();
			scroller.removeEventListener("scroll", moved);
		};
	}, []);

	const all = async (): Promise<JoinedEvent[]> => {
		const events: JoinedEvent[] = [];
		for (;;) {
			const { events: part } = await connection.request("session.events", {
				session: store.session,
				afterSeq: events.at(-1)?.seq ?? 0,
				limit: 5000,
			});
			events.push(...part);
			if (part.length < 5000) return events;
		}
	};
	const copy = async () => {
		try {
			const title = store.runbook.peek()?.title ?? "Session";
			const address = location.origin + pageAddress.session(store.session);
			const copied = await copyText(timelineMarkdown(title, timelineWords(await all(), names), address, onlyRunner));
			toasts.show(copied ? "The timeline is copied as Markdown." : "The browser did not allow copying.", {
				tone: copied ? "good" : "bad",
			});
		} catch (thrown) {
			toasts.problem(problemOf(thrown));
		}
	};
	return (
		<section class="timeline" id="timeline" data-scroller tabIndex={-1} aria-label="Timeline">
			<header class="timeline__head">
				<h2>Timeline</h2>
				<span class="faint">
					UTC <KeyHint keys="t" />
				</span>
				<Button kind="quiet" size="small" icon="copy" label="Copy as Markdown" onClick={() => void copy()} />
			</header>
			{onlyRunner !== null && (
				<p class="timeline__runner muted">
					All runs by <b>{onlyRunner}</b>
				</p>
			)}
			{earlier.value > 0 && (
				<Button
					kind="quiet"
					size="small"
					onClick={() => {
						shown.value += 2_000;
					}}
				>
					{shown.value < store.events.value.length
						? `Show earlier, ${countWords(earlier.value, "event")}`
						: `${countWords(earlier.value, "earlier event")} in the record`}
				</Button>
			)}
			<ol class="timeline__list" ref={list}>
				{entries.value.map((entry) => drawn(entry, known))}
				<li ref={end} aria-hidden="true" />
			</ol>
		</section>
	);
}

/** A number and its unit stay on one line. */
function unbroken(text: string): string {
	return text.replace(/(\d) (ms|s|m|h|d)\b/g, "$1\u00a0$2");
}

/** The same entry is the same node, so that a new event does not have all those before it compared. */
function drawn(entry: TimelineEntry, known: Map<number, { words: string; node: VNode }>): VNode {
	const words = `${entry.tone} ${entry.parts.map((part) => part.text).join("")}`;
	const before = known.get(entry.seq);
	if (before?.words === words) return before.node;
	const node = <Entry key={entry.seq} entry={entry} />;
	known.set(entry.seq, { words, node });
	return node;
}

function Entry({ entry }: { entry: TimelineEntry }) {
	const goToStep = useGoToStep();
	const words = entry.parts.map((part, i) => {
		const text = <LineText key={i} text={unbroken(part.text)} />;
		return part.strong ? <b key={i}>{text}</b> : text;
	});
	return (
		<li class="timeline__entry">
			<time class="mono" dateTime={entry.at} title={`${utcMoment(entry.at)}, event ${entry.seq}`}>
				{utcClock(entry.at)}
			</time>
			<span class={`timeline__dot timeline__dot--${entry.tone}`} aria-hidden="true" />
			{entry.step === undefined ? (
				<span class="timeline__words">{words}</span>
			) : (
				<a
					class="timeline__words"
					href={`#${encodeURIComponent(entry.step)}`}
					onClick={(event) => {
						event.preventDefault();
						goToStep(entry.step ?? "");
					}}
				>
					{words}
				</a>
			)}
			{entry.values !== undefined && (
				<details class="timeline__values">
					<summary>{countWords(entry.values.length, "value")} captured</summary>
					<dl>
						{entry.values.map(({ name, value }) => (
							<div key={name}>
								<dt>{name}</dt>
								<dd class="mono">{value}</dd>
							</div>
						))}
					</dl>
				</details>
			)}
		</li>
	);
}

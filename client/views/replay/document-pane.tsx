/* The runbook as it was opened, its steps in place with what ran, as it was sent, and how they ended; the one at the playhead is kept in sight. A press on a step goes to its last run. */
import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Badge } from "../../components/badge.tsx";
import { Html } from "../../components/html.tsx";
import { LoadingState } from "../../components/page-state.tsx";
import { type ShownState, StateMark } from "../../components/state-mark.tsx";
import { layDocument } from "../session/lay-document.ts";
import { contentText } from "../session/parse-content.ts";
import { editsAt } from "./edits-at.ts";
import { Marked } from "./marked.tsx";
import { runsAt, shownLines } from "./ran-text.ts";
import { useReplay } from "./replay-context.ts";
import type { ReplayTimeline } from "./replay-timeline.ts";
import { showPlayer } from "./scroll-within.ts";
import { spacePlays } from "./space-plays.ts";
import { stepStatesAt } from "./step-states-at.ts";
import "./document-pane.css";

const mostLines = 6;

export function DocumentPane({ timeline }: { timeline: ReplayTimeline }) {
	const { source, player, altered } = useReplay();
	const { runbook, state, units, specs } = source.store;
	const pane = useRef<HTMLElement>(null);
	const items = useComputed(() =>
		runbook.value && state.value ? layDocument(runbook.value.blocks, state.value.order, units.value) : null,
	);
	const step = player.run.value?.step ?? null;
	// As text, so that the document is not drawn anew with every frame that is played.
	const states = new Map<string, ShownState>(
		JSON.parse(
			useComputed(() => {
				const line = source.timeline.value;
				return JSON.stringify(line ? [...stepStatesAt(line, player.at.value, altered.value)] : []);
			}).value,
		),
	);
	const edits = new Map<string, string>(
		JSON.parse(
			useComputed(() => {
				const line = source.timeline.value;
				return JSON.stringify(line ? [...editsAt(source.events.value, line, player.at.value)] : []);
			}).value,
		),
	);
	// What ran, and before a step ran what it was going to be.
	const ran = new Map<string, string>(
		JSON.parse(
			useComputed(() => {
				const line = source.timeline.value;
				return JSON.stringify(
					line ? [...runsAt(line.runs, player.at.value)].map(([name, { run }]) => [name, run]) : [],
				);
			}).value,
		),
	);
	const laid = items.value;
	const inSight = useRef<string | null>(null);
	useEffect(() => {
		if (step === null) inSight.current = null;
		if (step === null || step === inSight.current) return;
		const card = pane.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(step)}"]`);
		// The playhead may be known before the document is: then its step is brought into sight as soon as it stands there.
		if (!card || !pane.current) return;
		// From the beginning it is a leap, as the way of a link to a moment is; from step to step the eye can follow.
		const behavior = inSight.current === null ? "instant" : "auto";
		inSight.current = step;
		const box = pane.current.getBoundingClientRect();
		const own = card.getBoundingClientRect();
		if (own.top >= box.top + 16 && own.bottom <= box.bottom - 16) return;
		pane.current.scrollBy({ top: own.top - box.top - box.height / 3, behavior });
	}, [step, laid]);
	return (
		<section class="replay-document" ref={pane} aria-label="The runbook as it was opened">
			{laid === null ? (
				<LoadingState label="Reading the runbook" />
			) : (
				laid.map((item) => {
					if (item.kind === "unit") {
						return (
							<div key={item.key} class={item.unit.group ? "replay-document__group" : ""}>
								{item.items.map((part) =>
									part.kind === "prose" ? (
										<Html key={part.key} html={part.html} />
									) : (
										<StepCard
											key={part.key}
											step={part.step}
											state={states.get(part.step) ?? "idle"}
											edit={edits.get(part.step)}
											ran={ran.get(part.step)}
											timeline={timeline}
											current={part.step === step}
										/>
									),
								)}
							</div>
						);
					}
					if (item.kind === "heading") return <Heading key={item.key} level={item.level} text={item.text} />;
					return <Html key={item.key} html={item.html} />;
				})
			)}
			{specs.value.size === 0 && laid !== null && <p class="muted">It has no step.</p>}
		</section>
	);
}

function Heading({ level, text }: { level: number; text: string }) {
	const Tag = `h${Math.min(4, Math.max(2, level))}` as "h2";
	return <Tag class={`replay-document__heading replay-document__heading--${Math.min(3, level)}`}>{text}</Tag>;
}

function StepCard({
	step,
	state,
	edit,
	ran,
	timeline,
	current,
}: {
	step: string;
	/** How it stood at the playhead. */
	state: ShownState;
	/** Its text at the playhead, where a person had edited it. */
	edit: string | undefined;
	/** The run whose commands stand there. */
	ran: string | undefined;
	timeline: ReplayTimeline;
	current: boolean;
}) {
	const { source, player, query } = useReplay();
	const spec = source.store.specs.value.get(step);
	const added = source.store.state.value?.steps[step]?.added;
	const written = source.store.runbook.value?.steps.find((s) => s.name === step)?.body ?? contentText(added?.body);
	const shown = useMemo(() => {
		const run = timeline.runs.find((one) => one.run === ran);
		return run === undefined ? null : shownLines(run.state);
	}, [timeline, ran]);
	const body = shown?.join("\n") ?? (edit ?? written).trim();
	const isSkipped = source.store.state.value?.steps[step]?.status === "skipped";
	const run = timeline.runs.findLast((r) => r.step === step);
	return (
		<button
			type="button"
			class="replay-step"
			{...spacePlays(player)}
			data-step={step}
			aria-current={current ? "step" : undefined}
			disabled={!run}
			title={run ? undefined : isSkipped ? "skipped" : "not run"}
			onClick={() => {
				if (!run) return;
				player.show(run);
				showPlayer();
			}}
		>
			<span class="replay-step__head">
				<StateMark state={state} />
				<strong>{spec?.title ?? step}</strong>
				<span class="faint">{spec?.type}</span>
				{edit !== undefined && <Badge tone="warn">edited</Badge>}
				{added && <Badge tone="warn">added</Badge>}
				{!run && <span class="faint">{isSkipped ? "skipped" : "not run"}</span>}
			</span>
			{body !== "" && (
				<code class="replay-step__body">
					<Marked text={firstLines(body)} query={query.value} />
				</code>
			)}
		</button>
	);
}

function firstLines(body: string): string {
	const lines = body.split("\n");
	return lines.length <= mostLines
		? body
		: [...lines.slice(0, mostLines - 1), `… ${lines.length - mostLines + 1} lines more`].join("\n");
}

/* The runbook as it was opened, its steps in place with how they ended; the one at the playhead is kept in sight. A press on a step goes to its last run. */
import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Html } from "../../components/html.tsx";
import { LoadingState } from "../../components/page-state.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { layDocument } from "../session/lay-document.ts";
import { useReplay } from "./replay-context.ts";
import type { ReplayTimeline } from "./replay-timeline.ts";

export function DocumentPane({ timeline }: { timeline: ReplayTimeline }) {
	const { source, player } = useReplay();
	const { runbook, state, units, specs } = source.store;
	const pane = useRef<HTMLElement>(null);
	const items = useComputed(() =>
		runbook.value && state.value ? layDocument(runbook.value.blocks, state.value.order, units.value) : null,
	);
	const step = player.run.value?.step ?? null;
	useEffect(() => {
		const card = step === null ? null : pane.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(step)}"]`);
		if (!card || !pane.current) return;
		const box = pane.current.getBoundingClientRect();
		const own = card.getBoundingClientRect();
		if (own.top >= box.top + 16 && own.bottom <= box.bottom - 16) return;
		pane.current.scrollTop += own.top - box.top - box.height / 3;
	}, [step]);
	return (
		<section class="replay-document" ref={pane} aria-label="The runbook as it was opened">
			{items.value === null ? (
				<LoadingState label="Reading the runbook" />
			) : (
				items.value.map((item) => {
					if (item.kind === "unit") {
						return (
							<div key={item.key} class={item.unit.group ? "replay-document__group" : ""}>
								{item.items.map((part) =>
									part.kind === "prose" ? (
										<Html key={part.key} html={part.html} />
									) : (
										<StepCard key={part.key} step={part.step} timeline={timeline} current={part.step === step} />
									),
								)}
							</div>
						);
					}
					return <Html key={item.key} html={item.html} />;
				})
			)}
			{specs.value.size === 0 && items.value !== null && <p class="muted">It has no step.</p>}
		</section>
	);
}

function StepCard({ step, timeline, current }: { step: string; timeline: ReplayTimeline; current: boolean }) {
	const { source, player } = useReplay();
	const spec = source.store.specs.value.get(step);
	const status = source.store.state.value?.steps[step]?.status ?? "idle";
	const run = timeline.runs.findLast((r) => r.step === step);
	return (
		<button
			type="button"
			class="replay-step"
			data-step={step}
			aria-current={current ? "step" : undefined}
			disabled={!run}
			title={run ? undefined : status === "skipped" ? "skipped" : "not run"}
			onClick={() => run && player.show(run)}
		>
			<span class="replay-step__head">
				<StateMark state={status} />
				<strong>{spec?.title ?? step}</strong>
				<span class="faint">{spec?.type}</span>
				{!run && <span class="faint">{status === "skipped" ? "skipped" : "not run"}</span>}
			</span>
			{spec !== undefined && spec.body.trim() !== "" && (
				<code class="replay-step__body">{spec.body.trim().split("\n").slice(0, 6).join("\n")}</code>
			)}
		</button>
	);
}

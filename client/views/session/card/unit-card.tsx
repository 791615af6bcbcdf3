/* The card of a unit: one step, or a group of steps in one frame that are run as one. */
import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { runPlace } from "../../../../core/run-place.ts";
import type { Unit } from "../../../../core/runbook.ts";
import { RiskChip } from "../../../components/badge.tsx";
import { Html } from "../../../components/html.tsx";
import { Icon } from "../../../components/icon.tsx";
import { countWords } from "../../../words/count-words.ts";
import type { UnitItem } from "../lay-document.ts";
import { useSession } from "../session-context.ts";
import { NextMark } from "./next-mark.tsx";
import { StepNotes } from "./step-notes.tsx";
import { StepSection } from "./step-section.tsx";
import { UnitActions } from "./unit-actions.tsx";
import "./unit-card.css";

export function UnitCard({ unit, items }: { unit: Unit; items: readonly UnitItem[] }) {
	const { store, plans, control } = useSession();
	const element = useRef<HTMLElement>(null);
	const isNext = useComputed(() => store.next.value?.name === unit.name);
	const isCurrent = useComputed(() => control.current.value?.name === unit.name);
	const statuses = useComputed(() => unit.steps.map((name) => store.step(name).value?.status ?? "idle").join(" "));
	const active = useComputed(() => /running|requested|awaiting/.test(statuses.value));
	const latest = useComputed(() => {
		if (!store.idle.value) return false;
		return unit.steps.includes(store.latest.value ?? "");
	});
	/** What came of the whole stands once, with the step of it that ran last. */
	const lastRun = useComputed(() => unit.steps.findLast((name) => (store.step(name).value?.runs.length ?? 0) > 0));
	const done = useComputed(() => statuses.value.split(" ").every((s) => s === "succeeded" || s === "skipped"));
	const idle = !done.value && !active.value;

	// The plan is kept fresh while the card is on the screen and still to be run.
	const wantsPlan = idle || isCurrent.value;
	useEffect(() => {
		if (!wantsPlan || !element.current) return;
		if (isNext.value || isCurrent.value) return plans.want(unit.name);
		let end: (() => void) | null = null;
		const observer = new IntersectionObserver(
			([entry]) => {
				if (entry?.isIntersecting) end ??= plans.want(unit.name);
				else {
					end?.();
					end = null;
				}
			},
			{ rootMargin: "300px" },
		);
		observer.observe(element.current);
		return () => {
			observer.disconnect();
			end?.();
		};
	}, [wantsPlan, isNext.value, isCurrent.value, plans, unit.name]);

	const showActions =
		!active.value &&
		(idle || isCurrent.value) &&
		store.state.value?.status !== "closed" &&
		(isCurrent.value || isNext.value || hasEnded(statuses.value));
	const plan = plans.of(unit.name).value?.plan ?? null;
	return (
		<article
			ref={element}
			id={unit.group ? `group-${unit.name}` : unit.name}
			data-unit={unit.name}
			tabIndex={-1}
			class={`unit ${unit.group ? "unit--group" : ""} ${isNext.value ? "unit--next" : ""} ${isCurrent.value ? "unit--current" : ""} ${active.value ? "unit--active" : ""} ${done.value ? "unit--done" : ""}`}
			aria-current={isCurrent.value ? "step" : undefined}
		>
			{unit.group && (
				<header class="unit__head">
					{isNext.value && !active.value ? <NextMark /> : <Icon name="layers" />}
					<strong>{countWords(unit.steps.length, "step")} as one</strong>
					<span class="muted">confirmed once, run through without a stop</span>
					<span class="unit__risk">
						{plan && !done.value && <RiskChip risk={plan.risk} />}
						{plan && !done.value && runPlace(plan) !== null && <span class="sr-only">on {runPlace(plan)}</span>}
					</span>
				</header>
			)}
			{items.map((item) =>
				item.kind === "prose" ? (
					<Html key={item.key} html={item.html} class="unit__prose" />
				) : (
					<div key={item.key}>
						<StepSection
							name={item.step}
							unit={unit.name}
							next={isNext.value}
							alone={!unit.group}
							latest={latest.value}
							sums={item.step === lastRun.value}
							offered={showActions}
						/>
						<StepNotes step={item.step} />
					</div>
				),
			)}
			{showActions && <UnitActions unit={unit} current={isCurrent.value} />}
		</article>
	);
}

function hasEnded(statuses: string): boolean {
	return /failed|cancelled|lost/.test(statuses);
}

/* On a phone: the next step, its nodes, its risk and Run in reach of the thumb; below, the four parts of the page. */
import { useEffect, useRef } from "preact/hooks";
import { planNodes } from "../../../core/plan.ts";
import { runPlace } from "../../../core/run-place.ts";
import type { Unit } from "../../../core/runbook.ts";
import { Button } from "../../components/button.tsx";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { countWords } from "../../words/count-words.ts";
import { runKind } from "./card/run-kind.ts";
import { useCommandsInSight } from "./card/use-commands-in-sight.ts";
import { focusAnswer } from "./focus-unit.ts";
import { readRunMoment } from "./read-run-moment.ts";
import { newestRun, runMomentWords } from "./run-moment.ts";
import { useSession } from "./session-context.ts";
import { useGoToStep } from "./use-go-to-step.ts";
import { asksKeyboard, planOfRun } from "./waiting-for-keys.ts";
import "./phone-bar.css";

export const phoneTabs = ["Steps", "Cluster", "Timeline", "People"] as const;
export type PhoneTab = (typeof phoneTabs)[number];

export function PhoneBar({ tab, onTab }: { tab: PhoneTab; onTab: (tab: PhoneTab) => void }) {
	const element = useRef<HTMLDivElement>(null);
	// What sticks above the bar stands on it without a gap, however high its words make it.
	useEffect(() => {
		const bar = element.current;
		if (!bar) return;
		const root = document.documentElement.style;
		const measured = new ResizeObserver(() => root.setProperty("--phone-bar-height", `${bar.offsetHeight}px`));
		measured.observe(bar, { box: "border-box" });
		return () => {
			measured.disconnect();
			root.removeProperty("--phone-bar-height");
		};
	}, []);
	return (
		<div class="phone-bar" ref={element}>
			<PhoneNext shown={tab === "Steps"} onShow={() => onTab("Steps")} />
			<div class="phone-bar__tabs" role="tablist" aria-label="Parts of the session">
				{phoneTabs.map((name) => (
					<button key={name} type="button" role="tab" aria-selected={name === tab} onClick={() => onTab(name)}>
						{name}
					</button>
				))}
			</div>
		</div>
	);
}

/**
 * `shown`: whether the document is what the page shows. Where Run stood there is never Cancel a moment later, but nothing
 * or the way to the answer: a second tap of the same finger undoes nothing.
 */
function PhoneNext({ shown, onShow }: { shown: boolean; onShow: () => void }) {
	const { store, control, driving } = useSession();
	const app = useApp();
	const goToStep = useGoToStep();
	const active = newestRun(store.active.value);
	if (store.state.value?.status === "closed") {
		return (
			<div class="phone-bar__next">
				<span class="phone-bar__words">
					<strong>Closed as {store.state.value.close?.outcome}</strong>
				</span>
				<Button href={pageAddress.replay(store.session)}>Open the record</Button>
			</div>
		);
	}
	if (active) {
		const moment = readRunMoment(active, store, app);
		const asks = driving.value && (moment.kind === "answer" || asksKeyboard(planOfRun(active)));
		return (
			<div class="phone-bar__next">
				<Button icon="square" onClick={() => control.cancel()} disabled={active.cancelRequested === true}>
					Cancel
				</Button>
				<button type="button" class="phone-bar__words" onClick={() => show(active.step)}>
					<strong>{store.specs.value.get(active.step)?.title ?? active.step}</strong>
					<span>{runMomentWords(moment)}</span>
				</button>
				{asks && (
					<Button kind="primary" onClick={() => show(active.step, focusAnswer)}>
						Answer
					</Button>
				)}
			</div>
		);
	}
	const unit = control.current.value;
	if (!unit) return null;
	return <PhoneUnit unit={unit} shown={shown} onShow={onShow} />;

	function show(step: string, then?: (card: Element) => void) {
		onShow();
		requestAnimationFrame(() => {
			goToStep(step);
			requestAnimationFrame(() => {
				const card = then && document.querySelector(`[data-step="${CSS.escape(step)}"]`);
				if (card) then(card);
			});
		});
	}
}

function PhoneUnit({ unit, shown, onShow }: { unit: Unit; shown: boolean; onShow: () => void }) {
	const { store, plans, control, driving } = useSession();
	const goToStep = useGoToStep();
	const inSight = useCommandsInSight(unit.name).value;
	const plan = plans.of(unit.name).value?.plan ?? null;
	const watched = plan?.steps.flatMap(({ watches }) => watches?.cluster ?? []) ?? [];
	const nodes = plan ? [...new Set([...planNodes(plan).map((n) => n.name), ...watched])] : [];
	// What it may do and where is never cut off; many nodes are.
	const about = [
		plan && { read: "reads", change: "changes", destructive: "destroys", unknown: "may change" }[plan.risk],
		plan && runPlace(plan),
	].filter(Boolean);
	const asking = control.confirming.value?.unit === unit.name;
	function show() {
		onShow();
		requestAnimationFrame(() => {
			if (unit.steps[0] !== undefined) goToStep(unit.steps[0]);
			control.look(unit);
		});
	}
	return (
		<div class="phone-bar__next">
			<button type="button" class="phone-bar__words" onClick={show}>
				<strong>
					{unit.group ? `${countWords(unit.steps.length, "step")} as one` : store.specs.value.get(unit.name)?.title}
				</strong>
				<span class="phone-bar__where">
					{nodes.length > 0 && <span class="phone-bar__nodes">{nodes.join(", ")}</span>}
					<span>{[...(nodes.length > 0 ? [""] : []), ...about].join(" · ")}</span>
				</span>
			</button>
			{asking ? (
				<Button onClick={show}>Confirm above</Button>
			) : control.mustLook(unit.name) ? (
				<Button onClick={show}>Show new plan</Button>
			) : !shown ||
				(driving.value && (plans.of(unit.name).value?.problem ?? null) !== null) ||
				(driving.value && plan !== null && !inSight) ? (
				<Button onClick={show}>Show</Button>
			) : (
				<Button
					kind={runKind(plan)}
					disabled={plan === null || control.refusal(unit) !== null}
					onClick={() => control.press(unit)}
				>
					{driving.value ? "Run" : "Watching"}
				</Button>
			)}
		</div>
	);
}

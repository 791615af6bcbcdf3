/* On a phone: the next step, its nodes, its risk and Run in reach of the thumb; below, the four parts of the page. */
import { planNodes } from "../../../core/plan.ts";
import type { Unit } from "../../../core/runbook.ts";
import { Button } from "../../components/button.tsx";
import { useApp } from "../../shell/app-context.ts";
import { countWords } from "../../words/count-words.ts";
import { secondsWords } from "../../words/duration-words.ts";
import { runPlace } from "./card/environment-words.ts";
import { useCommandsInSight } from "./card/use-commands-in-sight.ts";
import { useSession } from "./session-context.ts";
import { useGoToStep } from "./use-go-to-step.ts";
import "./phone-bar.css";

export const phoneTabs = ["Steps", "Cluster", "Timeline", "People"] as const;
export type PhoneTab = (typeof phoneTabs)[number];

export function PhoneBar({ tab, onTab }: { tab: PhoneTab; onTab: (tab: PhoneTab) => void }) {
	return (
		<div class="phone-bar">
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

/** `shown`: whether the document is what the page shows. */
function PhoneNext({ shown, onShow }: { shown: boolean; onShow: () => void }) {
	const { store, control } = useSession();
	const { clock } = useApp();
	const goToStep = useGoToStep();
	const active = store.active.value[0];
	if (active) {
		const elapsed = clock.now.value - Date.parse(active.startedAt ?? active.requestedAt);
		return (
			<div class="phone-bar__next">
				<button type="button" class="phone-bar__words" onClick={() => show(active.step)}>
					<strong>{store.specs.value.get(active.step)?.title ?? active.step}</strong>
					<span>{store.record.value?.ok === false ? "held, not recorded" : `running, ${secondsWords(elapsed)}`}</span>
				</button>
				<Button icon="square" onClick={() => control.cancel()} disabled={active.cancelRequested === true}>
					Cancel
				</Button>
			</div>
		);
	}
	const unit = control.current.value;
	if (!unit || store.state.value?.status === "closed") return null;
	return <PhoneUnit unit={unit} shown={shown} onShow={onShow} />;

	function show(step: string) {
		onShow();
		requestAnimationFrame(() => goToStep(step));
	}
}

function PhoneUnit({ unit, shown, onShow }: { unit: Unit; shown: boolean; onShow: () => void }) {
	const { store, plans, control, driving } = useSession();
	const goToStep = useGoToStep();
	const inSight = useCommandsInSight(unit.name).value;
	const plan = plans.of(unit.name).value?.plan ?? null;
	const nodes = plan ? planNodes(plan).map((n) => n.name) : [];
	const changes = plan !== null && plan.risk !== "read";
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
				<span>
					{[
						nodes.join(", "),
						plan && { read: "reads", change: "changes", destructive: "destroys", unknown: "may change" }[plan.risk],
						plan && runPlace(plan),
					]
						.filter(Boolean)
						.join(" · ")}
				</span>
			</button>
			{asking ? (
				<Button onClick={show}>Confirm above</Button>
			) : !shown || (driving.value && plan !== null && !inSight) ? (
				<Button onClick={show}>Show</Button>
			) : (
				<Button
					kind={changes ? "danger" : "primary"}
					disabled={plan === null || control.refusal(unit) !== null}
					onClick={() => control.press(unit)}
				>
					{driving.value ? "Run" : "Watching"}
				</Button>
			)}
		</div>
	);
}

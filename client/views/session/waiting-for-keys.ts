import { computed, type ReadonlySignal } from "@preact/signals";
import type { StepPlan } from "../../../core/plan.ts";
import { recordedPlan } from "../../../core/recorded.ts";
import type { RunState } from "../../../core/session-state.ts";
import { stepViews } from "../../../steps/client.ts";
import type { StepView } from "../../../steps/step-view.ts";
import type { PlanStore } from "./plan-store.ts";
import type { RunControl } from "./run-control.ts";
import type { SessionStore } from "./session-store.ts";

/** Whether a step of this plan is made to be answered at the keyboard. */
export function asksKeyboard(plan: StepPlan | undefined): boolean {
	return plan !== undefined && (stepViews as Record<string, StepView>)[plan.type]?.asksKeyboard?.(plan) === true;
}

/** What a run does, as it was recorded with it. */
export function planOfRun(run: Pick<RunState, "plan" | "step">): StepPlan | undefined {
	return recordedPlan(run.plan)?.steps.find(({ step }) => step === run.step);
}

/**
 * Whether something that this person has begun, or has just asked for, is to be answered at the keyboard; not after its
 * terminal was `left` by the key for it.
 */
export function waitsForKeys(parts: {
	store: SessionStore;
	plans: PlanStore;
	control: RunControl;
	driving: ReadonlySignal<boolean>;
	left: ReadonlySignal<ReadonlySet<string>>;
	me: () => string | undefined;
}): ReadonlySignal<boolean> {
	const { store, plans, control, driving, left, me } = parts;
	return computed(() => {
		if (!driving.value) return false;
		const asked = control.asking.value;
		if (asked !== null && asksKeyboard(plans.of(asked).value?.plan?.steps[0])) return true;
		return store.active.value.some(
			(run) => run.requestedBy === me() && !left.value.has(run.run) && asksKeyboard(planOfRun(run)),
		);
	});
}

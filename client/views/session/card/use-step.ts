import { type ReadonlySignal, useComputed } from "@preact/signals";
import type { StepPlan } from "../../../../core/plan.ts";
import type { StepSpec } from "../../../../core/runbook.ts";
import type { RunState, StepState } from "../../../../core/session-state.ts";
import type { ShownState } from "../../../components/state-mark.tsx";
import { useSession } from "../session-context.ts";
import { asksPerson } from "./asks-person.ts";
import { shownState } from "./shown-state.ts";

/** A step as its card follows it; each signal moves only when its own part changes. */
export interface FollowedStep {
	spec: ReadonlySignal<StepSpec | undefined>;
	step: ReadonlySignal<StepState | undefined>;
	/** The latest run that was not refused. */
	run: ReadonlySignal<RunState | undefined>;
	shown: ReadonlySignal<ShownState>;
	plan: ReadonlySignal<StepPlan | null>;
}

export function useStep(name: string, unit: string): FollowedStep {
	const { store, plans, arriving } = useSession();
	const spec = useComputed(() => store.specs.value.get(name));
	const step = store.step(name);
	const run = useComputed(() => latestRun(step.value, (id) => store.run(id).value));
	const shown = useComputed((): ShownState => {
		if (!step.value) return "idle";
		const id = run.value?.run ?? "";
		return shownState(
			step.value,
			run.value,
			arriving.value.has(id),
			store.progress.value.has(id) || asksPerson(step.value.type),
		);
	});
	const known = plans.of(unit);
	const plan = useComputed(() => known.value?.plan?.steps.find((s) => s.step === name) ?? null);
	return { spec, step, run, shown, plan };
}

function latestRun(step: StepState | undefined, runOf: (id: string) => RunState | undefined): RunState | undefined {
	for (let i = (step?.runs.length ?? 0) - 1; i >= 0; i--) {
		const run = runOf(step?.runs[i] ?? "");
		if (run && run.status !== "rejected") return run;
	}
	return undefined;
}

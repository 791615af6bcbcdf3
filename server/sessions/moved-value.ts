import type { StepPlan } from "../../core/plan.ts";
import { type Problem, problem } from "../../core/problem.ts";
import { canonicalJson } from "../../core/record/canonical-json.ts";
import type { PlannedUnit } from "./planner.ts";
import type { UnitScope } from "./run-scope.ts";

/**
 * Why a step must not begin: a value is no longer the one that its plan, or that of a later step of its unit, was made with
 * (`plan-moved`), or does not come from the step that its plan names (`value-missing`, `plan-moved`). Null when all is as shown.
 *
 * The later steps count already here: a group that would be refused halfway had better not begin.
 */
export function movedValue(planned: PlannedUnit, plan: StepPlan, scope: UnitScope): Problem | null {
	const { steps } = planned.plan;
	const titleOf = (step: string) => `“${planned.specs.get(step)?.title ?? step}”`;
	for (const { step } of steps.slice(steps.indexOf(plan))) {
		for (const [name, shown] of planned.values.get(step) ?? []) {
			const now = scope.value(name);
			// A secret is in no scope unless this unit has captured it anew.
			if (now !== undefined && canonicalJson(now) !== canonicalJson(shown)) return moved(name, titleOf(step));
		}
	}
	const commands = [...plan.commands, ...plan.finally.map(({ command }) => command)];
	for (const { name, from } of commands.flatMap(({ placeholders }) => placeholders ?? [])) {
		// What it captures itself, for its `finally`.
		if (from === plan.step) continue;
		const by = scope.givenBy(name);
		if (by === undefined) return problem("value-missing", `\`${name}\` of ${titleOf(from)} is not known.`);
		if (by !== from) return moved(name, titleOf(plan.step));
	}
	return null;
}

function moved(name: string, step: string): Problem {
	return problem("plan-moved", `\`${name}\` is no longer what the plan of ${step} shows.`, {
		next: "Nothing was sent. Look at the plan as it is now, and run that.",
	});
}

import type { Plan } from "../../core/plan.ts";
import type { UnitScope } from "./run-scope.ts";

/** Whether each step of a plan has a condition that does not hold as things stand. What can't be told yet is needed. */
export function isUnneeded({ steps }: Pick<Plan, "steps">, scope: UnitScope): boolean {
	return steps.every((step) => {
		if (step.when === undefined) return false;
		try {
			return !scope.holds(step, step.when, {});
		} catch {
			return false;
		}
	});
}

import type { Plan } from "../../../../core/plan.ts";
import { planNodes } from "../../../../core/plan.ts";
import type { Environment } from "../../../../core/target.ts";

/** Where a run button says that it runs: the environment that is touched; null when nothing remote or local is. */
export function runPlace(plan: Pick<Plan, "steps" | "environment"> | null): Environment | null {
	if (!plan || planNodes(plan).length === 0) return null;
	return plan.environment;
}

/** Clusters that a plan touches, each once. */
export function planClusters(plan: Pick<Plan, "steps">): string[] {
	return [...new Set(planNodes(plan).map((node) => node.cluster))];
}

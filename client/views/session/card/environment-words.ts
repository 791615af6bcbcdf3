import type { Plan } from "../../../../core/plan.ts";
import { planNodes } from "../../../../core/plan.ts";

/**
 * Where a run button says that it runs: the environment that is touched, or the server itself, whatever environment it
 * counts as; null when nothing remote or local is.
 */
export function runPlace(plan: Pick<Plan, "steps" | "environment"> | null): string | null {
	const nodes = plan ? planNodes(plan) : [];
	if (!plan || nodes.length === 0) return null;
	return nodes.every((node) => node.kind === "local") ? "this server" : plan.environment;
}

/** Clusters that a plan touches, each once. */
export function planClusters(plan: Pick<Plan, "steps">): string[] {
	return [...new Set(planNodes(plan).map((node) => node.cluster))];
}

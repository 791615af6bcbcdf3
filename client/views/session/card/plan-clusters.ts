import { type Plan, planNodes } from "../../../../core/plan.ts";
import { isAssumed, thisServer } from "../../../../core/run-place.ts";

/** What a plan touches, each once: clusters by name, and the server's machine where no configuration names it. */
export function planClusters(plan: Pick<Plan, "steps">): string[] {
	return [...new Set(planNodes(plan).map((node) => (isAssumed(node) ? thisServer : node.cluster)))];
}

import { gravestEnvironment, type Plan, planNodes } from "./plan.ts";
import type { PlanNode } from "./target.ts";

/** What the machine of the server is called where no configuration says what it is. */
export const thisServer = "this server";

/**
 * Whether a node is the server's own machine where no configuration says what it is. What such a machine counts as decides
 * how a plan is confirmed; nobody is told it as if they had said so.
 */
export function isAssumed({ kind, id }: Pick<PlanNode, "kind" | "id">): boolean {
	return kind === "local" && id === null;
}

/**
 * Where steps act or look, in words: the gravest environment that somebody has configured, `this server` for the machine
 * that nobody has, or both; null when they go nowhere.
 */
export function runPlace(plan: Pick<Plan, "steps">): string | null {
	const nodes = planNodes(plan);
	const watched = plan.steps.flatMap(({ watches }) => watches ?? []);
	const configured = [...nodes.filter((node) => !isAssumed(node)), ...watched].map(({ environment }) => environment);
	const words: string[] = configured.length > 0 ? [gravestEnvironment(configured)] : [];
	if (nodes.some(isAssumed)) words.push(thisServer);
	return words.length === 0 ? null : words.join(" and ");
}

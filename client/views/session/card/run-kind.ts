import type { Plan } from "../../../../core/plan.ts";

/** How a Run button looks: red is for what changes or destroys, and for what nobody knows of outside a lab. */
export function runKind(plan: Pick<Plan, "risk" | "environment"> | null): "danger" | "primary" {
	if (plan === null || plan.risk === "read") return "primary";
	return plan.risk === "unknown" && plan.environment === "lab" ? "primary" : "danger";
}

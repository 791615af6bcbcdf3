import type { Plan } from "../../../../core/plan.ts";
import type { ButtonProps } from "../../../components/button.tsx";

/**
 * How a Run button looks: red is for what changes or destroys; what nobody knows of has a tone of its own outside a lab,
 * so that red is kept for what is known to do harm.
 */
export function runKind(plan: Pick<Plan, "risk" | "environment"> | null): NonNullable<ButtonProps["kind"]> {
	if (plan === null || plan.risk === "read") return "primary";
	if (plan.risk === "unknown") return plan.environment === "lab" ? "primary" : "unknown";
	return "danger";
}

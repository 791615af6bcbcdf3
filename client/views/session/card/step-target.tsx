/* Where a step goes: the reference as written, and the nodes that it means now. Before there is a plan, the reference alone. */
import type { StepPlan } from "../../../../core/plan.ts";
import { planNodes } from "../../../../core/plan.ts";
import type { StepSpec } from "../../../../core/runbook.ts";
import "./step-target.css";

export function StepTarget({ spec, plan }: { spec: StepSpec; plan: StepPlan | null }) {
	if (!plan) return spec.target === undefined ? null : <span class="step-target mono">{spec.target}</span>;
	const nodes = planNodes({ steps: [plan] });
	const only = nodes[0];
	if (!only) return null;
	if (nodes.length > 1) {
		return (
			<span class="step-target mono" title={nodes.map((n) => `${n.name} ${n.address} (${n.role})`).join("\n")}>
				{nodes.map((n) => n.name).join(", ")}
			</span>
		);
	}
	const reference = plan.commands[0]?.reference ?? "";
	return (
		<span class="step-target mono">
			{reference !== "" && reference !== only.name && (
				<>
					{reference} <span class="faint">→</span>{" "}
				</>
			)}
			{only.name} {only.address !== only.name && <span class="step-target__address">{only.address}</span>}
		</span>
	);
}

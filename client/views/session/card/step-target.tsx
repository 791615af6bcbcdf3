/*
 * Where a step goes: the reference as written, and the nodes that it means now, or the cluster that is only looked at.
 * Before there is a plan, the reference alone, with the values that it has by then.
 */
import type { StepPlan } from "../../../../core/plan.ts";
import { planNodes } from "../../../../core/plan.ts";
import type { StepSpec } from "../../../../core/runbook.ts";
import type { KnownValue } from "../../../../steps/handed-value.ts";
import "./step-target.css";

export function StepTarget({
	spec,
	plan,
	known,
}: {
	spec: StepSpec;
	plan: StepPlan | null;
	known?: KnownValue | undefined;
}) {
	if (!plan) {
		const written = spec.target?.replace(/\{\{\s*([A-Za-z_]\w*)\s*\}\}/g, (hole, name) => known?.(name) ?? hole);
		return written === undefined ? null : <span class="step-target mono">{written}</span>;
	}
	const nodes = planNodes({ steps: [plan] });
	const only = nodes[0];
	if (!only) return plan.watches ? <span class="step-target mono">{plan.watches.cluster}</span> : null;
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

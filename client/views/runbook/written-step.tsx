/* A step as it is written, before there is a cluster to plan it on. */
import type { StepSpec } from "../../../core/runbook.ts";
import { Badge, RiskChip } from "../../components/badge.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { StepExpectations, StepPreview } from "../session/card/step-preview.tsx";

export function WrittenStep({ spec }: { spec: StepSpec }) {
	return (
		<section class="written__step" id={spec.name}>
			<header class="written__head">
				<h3>{spec.title}</h3>
				<span class="faint mono">{spec.type}</span>
				{spec.target !== undefined && <span class="mono">{spec.target}</span>}
				<span class="written__right">
					{spec.excludeFromRunAll && <Badge>not when running on</Badge>}
					{spec.risk !== undefined && <RiskChip risk={spec.risk} />}
					<CopyButton label="Copy the command" text={spec.body} />
				</span>
			</header>
			<div class="written__code">
				<StepPreview spec={spec} plan={null} />
			</div>
			<StepExpectations spec={spec} plan={null} />
		</section>
	);
}

/* What will run: the type's own preview, else each command with its node, else the text as it is written. */
import type { StepPlan } from "../../../../core/plan.ts";
import type { StepSpec } from "../../../../core/runbook.ts";
import { stepViews } from "../../../../steps/client.ts";
import { UntilLine } from "../../../../steps/command-line.tsx";
import type { KnownValue } from "../../../../steps/handed-value.ts";
import type { PreviewProps, StepView } from "../../../../steps/step-view.ts";
import { PlannedCommand } from "./planned-command.tsx";
import "./step-facts.css";
import "./step-preview.css";

const nothingKnown: KnownValue = () => undefined;

export function StepPreview({
	spec,
	plan,
	about,
	known = nothingKnown,
}: {
	spec: StepSpec;
	plan: StepPlan | null;
	about?: PreviewProps["about"] | undefined;
	/** The values that the plan uses, where there is a session. */
	known?: KnownValue;
}) {
	const Preview = (stepViews as Record<string, StepView>)[spec.type]?.preview;
	if (Preview && (plan || spec.own !== null))
		return <Preview spec={spec} plan={plan} known={known} {...(about && { about })} />;
	if (!plan) return <pre class="step-preview__body">{spec.body}</pre>;
	return (
		<div class="step-commands">
			{plan.commands.map((command, i) => (
				<PlannedCommand key={i} command={command} />
			))}
			{plan.until && <UntilLine until={plan.until} />}
		</div>
	);
}

/** What the author expects, and the checks that decide, before the run. */
export function StepExpectations({ spec, plan }: { spec: StepSpec; plan: StepPlan | null }) {
	const when = plan?.when ?? spec.when;
	const expect = plan?.expect ?? spec.expect;
	if (when === undefined && expect.length === 0 && spec.expected === undefined && spec.undo === undefined) return null;
	return (
		<dl class="step-facts">
			{spec.expected !== undefined && (
				<>
					<dt>should look like</dt>
					<dd class="step-facts__look">{spec.expected.includes("\n") ? <pre>{spec.expected}</pre> : spec.expected}</dd>
				</>
			)}
			{when !== undefined && (
				<>
					<dt>only when</dt>
					<dd>
						<code>{when}</code>
					</dd>
				</>
			)}
			{expect.length > 0 && (
				<>
					<dt>expects</dt>
					<dd class="step-facts__list">
						{expect.map(({ that }) => (
							<code key={that}>{that}</code>
						))}
					</dd>
				</>
			)}
			{spec.undo !== undefined && (
				<>
					<dt>to undo</dt>
					<dd class="step-facts__look">{spec.undo}</dd>
				</>
			)}
		</dl>
	);
}

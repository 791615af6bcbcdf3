import type { PlanCommand, StepPlan } from "../../core/plan.ts";
import type { StepSpec } from "../../core/runbook.ts";
import { CommandLine, UntilLine } from "../command-line.tsx";
import type { PreviewProps, StepView } from "../step-view.ts";
import type { RedisStep } from "./type.ts";

/** Each command with its node; before there is a plan, with the reference that the author wrote. */
function RedisPreview({ spec, plan }: PreviewProps) {
	return <div class="step-commands">{plan ? <Planned plan={plan} /> : <Written spec={spec} />}</div>;
}

function Planned({ plan }: { plan: StepPlan }) {
	return (
		<>
			{plan.commands.map((command, index) => (
				<PlannedLine key={index} command={command} />
			))}
			{plan.until && (
				<div>
					<UntilLine until={plan.until} />
				</div>
			)}
			{plan.finally.map(({ when, command }, index) => (
				<PlannedLine key={index} command={command} before={when === undefined ? "finally" : `finally, if ${when}`} />
			))}
		</>
	);
}

function PlannedLine({ command, before }: { command: PlanCommand; before?: string }) {
	const { node, text, placeholders } = command;
	return (
		<CommandLine
			prompt={node.name}
			environment={node.environment}
			address={`${node.address}, ${node.role} of ${node.cluster}`}
			text={text}
			placeholders={placeholders}
			before={before}
		/>
	);
}

function Written({ spec }: { spec: StepSpec }) {
	const { commands } = spec.own as RedisStep;
	return (
		<>
			{commands.map((command, index) => (
				<CommandLine key={index} prompt={command.reference ?? spec.target ?? "?"} text={command.text} />
			))}
			{spec.until && (
				<div>
					<UntilLine until={spec.until} />
				</div>
			)}
			{spec.finally.map(({ when, run }, index) => {
				const reference = /^@(\S+)\s+/.exec(run);
				return (
					<CommandLine
						key={index}
						prompt={reference?.[1] ?? spec.target ?? "?"}
						text={run.slice(reference?.[0].length ?? 0)}
						before={when === undefined ? "finally" : `finally, if ${when}`}
					/>
				);
			})}
		</>
	);
}

/** Commands with their nodes; replies are shown by the terminal, as redis-cli prints them. */
export const redisView: StepView = { preview: RedisPreview };

import type { PlanCommand } from "../../../../core/plan.ts";
import { CommandLine } from "../../../../steps/command-line.tsx";

/** A command as its plan has it, with its node. `before`: when it is sent, in words. */
export function PlannedCommand({ command, before }: { command: PlanCommand; before?: string | undefined }) {
	const { node, text, placeholders } = command;
	return (
		<CommandLine
			prompt={node.name}
			environment={node.environment}
			address={node.address}
			text={text}
			placeholders={placeholders}
			before={before}
		/>
	);
}

import type { PlanCommand } from "../../../../core/plan.ts";
import { isAssumed, thisServer } from "../../../../core/run-place.ts";
import { CommandLine } from "../../../../steps/command-line.tsx";

/** A command as its plan has it, with its node. `before`: when it is sent, in words. */
export function PlannedCommand({ command, before }: { command: PlanCommand; before?: string | undefined }) {
	const { node, text, placeholders } = command;
	const assumed = isAssumed(node);
	return (
		<CommandLine
			prompt={assumed ? `${thisServer}:${node.name}` : node.name}
			environment={assumed ? undefined : node.environment}
			address={node.address}
			text={text}
			placeholders={placeholders}
			before={before}
		/>
	);
}

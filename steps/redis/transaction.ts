import type { PlanCommand } from "../../core/plan.ts";
import { type Problem, problem } from "../../core/problem.ts";

/** Whether MULTI, EXEC and DISCARD of a step stand in order and on one node; null when they do. */
export function checkTransaction(commands: readonly PlanCommand[]): Problem | null {
	let open: PlanCommand | null = null;
	for (const command of commands) {
		const word = commandWord(command.argv);
		if (open && command.node.address !== open.node.address) {
			return problem(
				"step-invalid",
				`\`${command.text}\` stands between MULTI and EXEC on ${open.node.name} but goes to ${command.node.name}.`,
				{ next: "Keep the commands of a transaction on one node." },
			);
		}
		if (word === "MULTI") {
			if (open) return problem("step-invalid", "A MULTI stands inside another MULTI.");
			open = command;
		} else if (word === "EXEC" || word === "DISCARD") {
			if (!open) return problem("step-invalid", `${word} has no MULTI before it.`);
			open = null;
		}
	}
	return open ? problem("step-invalid", `The MULTI on ${open.node.name} has no EXEC.`) : null;
}

/** The command's name in capitals. */
export function commandWord(argv: readonly string[] | undefined): string {
	return argv?.[0]?.toUpperCase() ?? "";
}

import { isSentAs } from "../../../core/is-sent-as.ts";
import type { PlanCommand, StepPlan } from "../../../core/plan.ts";
import type { Content } from "../../../core/session-event.ts";
import { parseContent } from "./parse-content.ts";

interface SentCommand {
	phase: "recheck" | "main" | "finally";
	node: string;
	text: string;
	state: string;
}

/**
 * The plan of a run with what was really sent in it: a value that only the run could know stands where the plan has its
 * name. `commands`: what the run's end tells of them. What was not sent, or is not known, stays as it was planned.
 */
export function asSent(plan: StepPlan, commands: Content | undefined): StepPlan {
	const told = parseContent<SentCommand[]>(commands);
	if (!Array.isArray(told)) return plan;
	const sent = told.filter(({ state }) => state !== "not-sent");
	const fill = (command: PlanCommand, phase: SentCommand["phase"]): PlanCommand => {
		if (!command.placeholders?.length) return command;
		// Two commands that begin alike were sent in the order in which they are planned.
		const at = sent.findIndex((one) => one.phase === phase && isSentAs(command, one));
		const [one] = at < 0 ? [] : sent.splice(at, 1);
		if (!one) return command;
		const { placeholders: _, ...rest } = command;
		return { ...rest, text: one.text };
	};
	return {
		...plan,
		commands: plan.commands.map((command) => fill(command, "main")),
		finally: plan.finally.map(({ command, ...rest }) => ({ ...rest, command: fill(command, "finally") })),
	};
}

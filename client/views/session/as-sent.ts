import { isSentAs } from "../../../core/is-sent-as.ts";
import type { PlanCommand, StepPlan } from "../../../core/plan.ts";
import { type RecordedCommand, recordedCommands } from "../../../core/recorded.ts";
import type { Content } from "../../../core/session-event.ts";

/**
 * The plan of a run with what was really sent in it: a value that only the run could know stands where the plan has its
 * name. `commands`: what the run's end tells of them. What was not sent, or is not known, stays as it was planned.
 */
export function asSent(plan: StepPlan, commands: Content | undefined): StepPlan {
	const told = recordedCommands(commands);
	if (told === null) return plan;
	const sent = told.filter(({ state }) => state !== "not-sent");
	const fill = (command: PlanCommand, phase: RecordedCommand["phase"]): PlanCommand => {
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

import type { JsonObject } from "../../core/json.ts";
import { isProblem, type Problem } from "../../core/problem.ts";
import { planOfSpec } from "../plan-of-spec.ts";
import { defineExecutor, type PlanContext } from "../step-executor.ts";
import { terminalText } from "../terminal-text.ts";
import { checkManualAnswers, type ManualAnswers, type ManualStep, manualAnswersSchema } from "./type.ts";

/** Asks a person and waits for the answers, which are its result: `result.answer`, `result.checked`, `result.text`. */
export const manualExecutor = defineExecutor<ManualStep>({
	async plan(spec, context) {
		const filled = fillQuestions(spec.own, context);
		if (isProblem(filled)) return [{ ...filled, at: spec.place }];
		// A person takes the time that it takes; only a limit of the step itself ends the wait.
		const timeoutMs = spec.timeoutMs ?? 0;
		return {
			...planOfSpec(spec, context, "read"),
			timeoutMs,
			detail: filled as unknown as JsonObject,
		};
	},

	async execute(plan, run) {
		const asked = plan.detail as unknown as ManualStep;
		if (asked.instructions !== "") await run.terminal.remark(`${terminalText(asked.instructions)}\r\n`);
		const given = await run.answers();
		const wrong = checkManualAnswers(asked, given);
		if (wrong) return { result: given, exitCode: null, problem: wrong };
		const answers = manualAnswersSchema.parse(given);
		await run.terminal.write(terminalText(protocolOf(asked, answers)));
		return { result: answers, exitCode: null };
	},

	async executeFinally() {
		return { result: null, exitCode: null };
	},
});

function fillQuestions(own: ManualStep, context: PlanContext): ManualStep | Problem {
	const instructions = context.substitute(own.instructions);
	if (isProblem(instructions)) return instructions;
	const items: string[] = [];
	for (const item of own.items) {
		const filled = context.substitute(item);
		if (isProblem(filled)) return filled;
		items.push(filled.text);
	}
	if (own.question === null) return { ...own, instructions: instructions.text, items };
	const question = context.substitute(own.question.text);
	if (isProblem(question)) return question;
	return { ...own, instructions: instructions.text, items, question: { ...own.question, text: question.text } };
}

/** The answers as lines, so that the recording and `output` have them as well. */
function protocolOf({ items, question }: ManualStep, { checked, answer, text, pictures }: ManualAnswers): string {
	const lines = items.map((item, index) => `[${checked[index] ? "x" : " "}] ${item}`);
	if (question) lines.push(`${question.text} ${typeof answer === "boolean" ? (answer ? "yes" : "no") : answer}`);
	if (text.trim() !== "") lines.push(text.trim());
	for (const picture of pictures) lines.push(`picture ${picture}`);
	return lines.map((line) => `${line}\n`).join("");
}

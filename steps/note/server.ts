import { isProblem } from "../../core/problem.ts";
import { planOfSpec } from "../plan-of-spec.ts";
import { defineExecutor } from "../step-executor.ts";
import { terminalText } from "../terminal-text.ts";
import type { NoteStep } from "./type.ts";

/** Shows its text. The smallest executor there is: the one to copy for a new type. */
export const noteExecutor = defineExecutor<NoteStep>({
	async plan(spec, context) {
		const filled = context.substitute(spec.own.text);
		if (isProblem(filled)) return [{ ...filled, at: spec.place }];
		return { ...planOfSpec(spec, context, "read"), detail: { text: filled.text } };
	},

	async execute(plan, run) {
		const { text } = plan.detail as { text: string };
		await run.terminal.write(`${terminalText(text)}\r\n`);
		return { result: null, exitCode: null };
	},

	async executeFinally() {
		return { result: null, exitCode: null };
	},
});

import { z } from "zod";
import type { JsonValue } from "../../core/json.ts";
import { type Problem, problem } from "../../core/problem.ts";
import { defineStepType } from "../../core/step-type.ts";

const answerTypes = ["text", "number", "yes-no", "choice"] as const;

/** What a person has to give besides ticking: nothing, words, a pasted picture, or one of the two. */
const evidences = ["none", "text", "picture", "either"] as const;

/** A manual step's own part, also as its plan is recorded. */
export const manualStepSchema = z.object({
	/** What to do, in words: the body without its task list. May hold `{{value}}`. */
	instructions: z.string(),
	/** The task list: every item has to be ticked. May hold `{{value}}`. */
	items: z.array(z.string()),
	question: z.object({ text: z.string(), answer: z.enum(answerTypes), choices: z.array(z.string()) }).nullable(),
	evidence: z.enum(evidences),
});
export type ManualStep = z.infer<typeof manualStepSchema>;

/** What the person gave: what `RunContext.answers()` resolves with. Pictures are attachments of the run, by digest. */
export const manualAnswersSchema = z.object({
	checked: z.array(z.boolean()).max(500).default([]),
	answer: z
		.union([z.string().max(10_000), z.number(), z.boolean()])
		.nullable()
		.default(null),
	text: z.string().max(20_000).default(""),
	pictures: z
		.array(z.string().regex(/^[0-9a-f]{64}$/))
		.max(20)
		.default([]),
});
export type ManualAnswers = z.infer<typeof manualAnswersSchema>;

/** Says what is still missing of the answers, or null when they are complete and of the right kind. */
export function checkManualAnswers(own: ManualStep, given: JsonValue): Problem | null {
	const read = manualAnswersSchema.safeParse(given);
	if (!read.success)
		return problem("bad-request", `The answers can't be read: ${read.error.issues[0]?.message ?? ""}.`);
	const { checked, answer, text, pictures } = read.data;
	const open = own.items.filter((_, index) => checked[index] !== true);
	if (open.length > 0) return problem("not-attested", `Not ticked: ${open.map((item) => `“${item}”`).join(", ")}.`);
	if (own.question !== null && !isAnswer(own.question, answer)) {
		return problem("not-attested", `“${own.question.text}” wants ${wanted(own.question)}.`);
	}
	const hasText = text.trim() !== "";
	if (own.evidence === "text" && !hasText) return problem("not-attested", "It asks for evidence in words.");
	if (own.evidence === "picture" && pictures.length === 0)
		return problem("not-attested", "It asks for a picture as evidence.");
	if (own.evidence === "either" && !hasText && pictures.length === 0) {
		return problem("not-attested", "It asks for evidence: words or a picture.");
	}
	return null;
}

function isAnswer(question: NonNullable<ManualStep["question"]>, answer: ManualAnswers["answer"]): boolean {
	switch (question.answer) {
		case "number":
			return typeof answer === "number" && Number.isFinite(answer);
		case "yes-no":
			return typeof answer === "boolean";
		case "choice":
			return typeof answer === "string" && question.choices.includes(answer);
		case "text":
			return typeof answer === "string" && answer.trim() !== "";
	}
}

function wanted(question: NonNullable<ManualStep["question"]>): string {
	switch (question.answer) {
		case "number":
			return "a number";
		case "yes-no":
			return "yes or no";
		case "choice":
			return `one of ${question.choices.join(", ")}`;
		case "text":
			return "an answer in words";
	}
}

const attributes = z.object({
	question: z.string().min(1).max(500).optional(),
	answer: z.enum(["text", "number", "yes-no", "choice"]).optional(),
	choices: z.union([z.string(), z.array(z.string())]).optional(),
	evidence: z.enum(["none", "text", "picture", "either"]).default("none"),
});

/** Asks a person: a checklist, a question with a typed answer, evidence. */
export const manualType = defineStepType<ManualStep>({
	name: "manual",
	words: ["manual", "checklist"],
	attributes,
	attributeNames: Object.keys(attributes.shape),
	needsPerson: true,
	checkAnswers: (asked, answers) => checkManualAnswers(asked as unknown as ManualStep, answers),

	parse(block) {
		const read = attributes.safeParse(block.attributes);
		if (!read.success) {
			return read.error.issues.map((issue) =>
				problem("step-invalid", `\`${issue.path.join(".")}\`: ${issue.message}.`, { at: block.place }),
			);
		}
		const { question, answer, evidence } = read.data;
		const choices = splitChoices(read.data.choices);
		const type = answer ?? (choices.length > 0 ? "choice" : "text");
		if (question === undefined && (answer !== undefined || choices.length > 0)) {
			return [problem("step-invalid", "`answer` and `choices` need a `question`.", { at: block.place })];
		}
		if (type === "choice" && choices.length < 2) {
			return [problem("step-invalid", "`choices` needs two or more, separated by commas.", { at: block.place })];
		}
		if (type !== "choice" && choices.length > 0) {
			return [
				problem("step-invalid", `\`choices\` is for the answer \`choice\`, not \`${type}\`.`, { at: block.place }),
			];
		}
		const { items, instructions } = readTasks(block.body);
		if (items.length === 0 && instructions === "" && question === undefined) {
			return [problem("step-empty", "There is nothing to do or to answer in this block.", { at: block.place })];
		}
		return {
			instructions,
			items,
			question: question === undefined ? null : { text: question, answer: type, choices },
			evidence,
		};
	},

	risk() {
		return "read";
	},
});

function splitChoices(choices: string | string[] | undefined): string[] {
	const list = typeof choices === "string" ? choices.split(",") : (choices ?? []);
	return list.map((choice) => choice.trim()).filter((choice) => choice !== "");
}

/** Takes the task list (`- [ ] item`, indented lines continue it) out of a text. */
function readTasks(body: string): { items: string[]; instructions: string } {
	const items: string[] = [];
	const rest: string[] = [];
	let inItem = false;
	for (const line of body.split("\n")) {
		const task = /^\s*(?:[-*+]|\d{1,9}[.)])\s+\[[ xX]\]\s+(.+)$/.exec(line);
		if (task?.[1] !== undefined) {
			items.push(task[1].trim());
			inItem = true;
		} else if (inItem && /^\s+\S/.test(line)) items.push(`${items.pop()} ${line.trim()}`);
		else {
			inItem = false;
			rest.push(line);
		}
	}
	return { items, instructions: rest.join("\n").trim() };
}

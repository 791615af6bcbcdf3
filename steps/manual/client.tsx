import type { JsonValue } from "../../core/json.ts";
import { httpRoutes } from "../../core/protocol.ts";
import { recordedPlan } from "../../core/recorded.ts";
import { LineText, ProseText } from "../prose-text.tsx";
import type { AnswerProps, PreviewProps, ResultProps, StepView } from "../step-view.ts";
import { AnswerForm } from "./answer-form.tsx";
import { type ManualAnswers, type ManualStep, manualAnswersSchema, manualStepSchema } from "./type.ts";
import "./client.css";

/** What will be asked, before the step runs. */
function ManualPreview({ spec, plan }: PreviewProps) {
	const asked = plannedStep(plan?.detail) ?? (spec.own as ManualStep);
	return (
		<div class="step-manual">
			<ProseText text={asked.instructions} />
			{asked.items.length > 0 && (
				<ul class="step-manual__items">
					{asked.items.map((item, index) => (
						<li key={index} class="step-manual__open">
							<LineText text={item} />
						</li>
					))}
				</ul>
			)}
			{asked.question && (
				<p class="step-manual__question">
					<LineText text={asked.question.text} />
				</p>
			)}
			{asked.evidence !== "none" && (
				<p class="step-manual__asks">Asks for evidence: {evidenceWords[asked.evidence]}.</p>
			)}
		</div>
	);
}

const evidenceWords: Record<Exclude<ManualStep["evidence"], "none">, string> = {
	text: "words",
	picture: "a picture",
	either: "words or a picture",
};

/** The form while it waits; who only watches sees what is asked. */
function ManualAnswer(props: AnswerProps) {
	const asked = askedOf(props);
	return (
		<div class="step-manual">
			<ProseText text={asked.instructions} />
			<AnswerForm {...props} asked={asked} />
		</div>
	);
}

/** The questions as the plan filled them in; the author's own text when the plan's was erased. */
function askedOf({ spec, run }: Pick<AnswerProps, "spec" | "run">): ManualStep {
	const planned = recordedPlan(run.plan)?.steps.find((step) => step.step === run.step);
	// Erased, or of another version: the spec says the same without its values.
	return plannedStep(planned?.detail) ?? (spec.own as ManualStep);
}

function plannedStep(detail: JsonValue | undefined): ManualStep | null {
	const read = manualStepSchema.safeParse(detail);
	return read.success ? read.data : null;
}

/** What was answered. */
function ManualResult({ spec, run, result }: ResultProps) {
	const read = manualAnswersSchema.safeParse(result);
	if (!read.success) return null;
	const asked = askedOf({ spec, run });
	const { checked, answer, text, pictures } = read.data;
	return (
		<div class="step-manual">
			<ProseText text={asked.instructions} />
			{asked.items.length > 0 && (
				<ul class="step-manual__items">
					{asked.items.map((item, index) => (
						<li key={index} class={checked[index] ? "step-manual__done" : "step-manual__open"}>
							<LineText text={item} />
							<span class="sr-only">{checked[index] ? ", done" : ", not done"}</span>
						</li>
					))}
				</ul>
			)}
			{asked.question && (
				<p class="step-manual__question">
					<LineText text={asked.question.text} /> <strong>{answerWords(answer)}</strong>
				</p>
			)}
			{text !== "" && <blockquote class="step-manual__evidence">{text}</blockquote>}
			{pictures.length > 0 && (
				<div class="step-manual__pictures">
					{pictures.map((sha256, index) => (
						<a key={sha256} href={httpRoutes.attachment(sha256)} target="_blank" rel="noreferrer">
							<img src={httpRoutes.attachment(sha256)} alt={`Evidence ${index + 1}`} loading="lazy" />
						</a>
					))}
				</div>
			)}
		</div>
	);
}

function answerWords(answer: ManualAnswers["answer"]): string {
	if (typeof answer === "boolean") return answer ? "yes" : "no";
	return answer === null ? "no answer" : String(answer);
}

/** A checklist, a question, evidence: asked, answered, kept. */
export const manualView: StepView = {
	said: ({ detail }) => {
		const asked = plannedStep(detail);
		if (asked === null) return "";
		const { instructions, items, question } = asked;
		return [instructions, ...items.map((item) => `- [ ] ${item}`), ...(question ? [question.text] : [])].join("\n");
	},
	preview: ManualPreview,
	answer: ManualAnswer,
	result: ManualResult,
};

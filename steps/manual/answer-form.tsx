import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { JsonObject } from "../../core/json.ts";
import { httpRoutes } from "../../core/protocol.ts";
import type { Attachment } from "../../core/session-event.ts";
import { LineText } from "../prose-text.tsx";
import type { AnswerProps } from "../step-view.ts";
import { checkManualAnswers, type ManualAnswers, type ManualStep } from "./type.ts";

type Question = NonNullable<ManualStep["question"]>;

/** Pictures that can be attached; the server checks the bytes again. */
const pictureTypes = "image/png,image/jpeg,image/gif,image/webp";

/** What is kept of the form over a reload. */
interface AnswerDraft {
	checked: boolean[];
	answer: ManualAnswers["answer"];
	text: string;
	pictures: Attachment[];
}

/** The form of a manual step. Ctrl+Enter submits from anywhere in it; a picture can be pasted anywhere in it. */
export function AnswerForm({ asked, mayAnswer, answer, draft, keep, upload }: AnswerProps & { asked: ManualStep }) {
	const id = useId();
	const [before] = useState(() => (draft ?? {}) as unknown as Partial<AnswerDraft>);
	const [checked, setChecked] = useState<boolean[]>(() => asked.items.map((_, i) => before.checked?.[i] === true));
	const [given, setGiven] = useState<ManualAnswers["answer"]>(before.answer ?? null);
	const [text, setText] = useState(before.text ?? "");
	const [pictures, setPictures] = useState<Attachment[]>(before.pictures ?? []);
	const [uploads, setUploads] = useState(0);
	const [sending, setSending] = useState(false);
	const [refused, setRefused] = useState<string | null>(null);
	const file = useRef<HTMLInputElement>(null);

	const wantsPictures = asked.evidence === "picture" || asked.evidence === "either";
	const answers: ManualAnswers = { checked, answer: given, text, pictures: pictures.map((p) => p.sha256) };
	const missing = checkManualAnswers(asked, answers as unknown as JsonObject);
	// Not while something is under way: a control that is disabled loses the focus, and what is typed next would be keys of the page.
	const disabled = !mayAnswer;

	const attach = async (files: readonly Blob[]) => {
		if (!mayAnswer || files.length === 0) return;
		setUploads((before) => before + 1);
		setRefused(null);
		try {
			for (const picture of files) {
				const stored = await upload(picture);
				setPictures((before) => (before.some((p) => p.sha256 === stored.sha256) ? before : [...before, stored]));
			}
		} catch (error) {
			setRefused(sentenceOf(error));
		} finally {
			setUploads((before) => before - 1);
		}
	};

	const isTyped = useRef(false);
	useEffect(() => {
		// What stands there at first is no draft.
		if (isTyped.current)
			keep({ checked, answer: given, text, pictures } satisfies AnswerDraft as unknown as JsonObject);
		isTyped.current = true;
	}, [checked, given, text, pictures]);

	const submit = async () => {
		if (disabled || sending) return;
		if (uploads > 0) {
			setRefused("A picture is still being stored.");
			return;
		}
		if (missing) {
			setRefused(missing.detail);
			return;
		}
		setSending(true);
		setRefused(null);
		try {
			await answer(answers as unknown as JsonObject, pictures);
		} catch (error) {
			setRefused(sentenceOf(error));
			setSending(false);
		}
	};

	return (
		<form
			class="step-answer"
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
			onKeyDown={(event) => {
				if (event.key !== "Enter") return;
				// A page's own Enter runs the next step: never from inside a form.
				event.stopPropagation();
				if (event.ctrlKey || event.metaKey) {
					event.preventDefault();
					void submit();
				} else if (event.target instanceof HTMLInputElement) event.preventDefault();
			}}
			onPaste={(event) => {
				const pasted = [...(event.clipboardData?.files ?? [])].filter((f) => f.type.startsWith("image/"));
				if (!wantsPictures || pasted.length === 0) return;
				event.preventDefault();
				void attach(pasted);
			}}
		>
			{asked.items.length > 0 && (
				<fieldset class="step-answer__items" disabled={disabled}>
					<legend class="sr-only">Checklist</legend>
					{asked.items.map((item, index) => (
						<label key={index} class="step-answer__item">
							<input
								type="checkbox"
								checked={checked[index] === true}
								onChange={(event) => {
									const on = event.currentTarget.checked;
									setChecked((before) => before.map((was, at) => (at === index ? on : was)));
								}}
							/>
							<span>
								<LineText text={item} />
							</span>
						</label>
					))}
				</fieldset>
			)}
			{asked.question && (
				<QuestionField id={id} question={asked.question} value={given} disabled={disabled} change={setGiven} />
			)}
			{(asked.evidence === "text" || asked.evidence === "either") && (
				<div class="step-answer__field">
					<label for={`${id}-text`}>Evidence{asked.evidence === "either" ? ", or paste a picture" : ""}</label>
					<textarea
						id={`${id}-text`}
						class="input"
						rows={3}
						value={text}
						disabled={disabled}
						onInput={(event) => setText(event.currentTarget.value)}
					/>
				</div>
			)}
			{wantsPictures && (
				<div class="step-answer__field">
					{asked.evidence === "picture" && <span>Picture: paste it here, or choose a file</span>}
					<div class="step-answer__pictures">
						{pictures.map((picture, index) => (
							<figure key={picture.sha256} class="step-answer__picture">
								<img src={httpRoutes.attachment(picture.sha256)} alt={`Evidence ${index + 1}`} />
								<button
									type="button"
									class="button button--small"
									disabled={disabled}
									onClick={() => setPictures((before) => before.filter((p) => p.sha256 !== picture.sha256))}
								>
									Remove<span class="sr-only"> picture {index + 1}</span>
								</button>
							</figure>
						))}
						<button
							type="button"
							class="button button--small"
							disabled={disabled}
							onClick={() => file.current?.click()}
						>
							{uploads > 0 ? "Storing the picture" : "Choose a picture"}
						</button>
						<input
							ref={file}
							type="file"
							class="sr-only"
							tabIndex={-1}
							aria-hidden="true"
							accept={pictureTypes}
							multiple
							onChange={(event) => {
								void attach([...(event.currentTarget.files ?? [])]);
								event.currentTarget.value = "";
							}}
						/>
					</div>
				</div>
			)}
			{refused !== null && (
				<p class="step-answer__refused" role="alert">
					{refused}
				</p>
			)}
			<div class="step-answer__foot">
				<button type="submit" class="button button--primary" disabled={disabled}>
					{sending ? "Recording" : "Confirm"} <kbd class="key-hint">Ctrl Enter</kbd>
				</button>
				<span class="muted">
					{!mayAnswer
						? "Only the driver answers."
						: missing === null
							? "Your name goes on it."
							: refused === null && missingWords(asked, answers, missing.detail)}
				</span>
			</div>
		</form>
	);
}

function QuestionField({
	id,
	question,
	value,
	disabled,
	change,
}: {
	id: string;
	question: Question;
	value: ManualAnswers["answer"];
	disabled: boolean;
	change: (value: ManualAnswers["answer"]) => void;
}) {
	if (question.answer === "yes-no" || question.answer === "choice") {
		const options: { label: string; value: string | boolean }[] =
			question.answer === "choice"
				? question.choices.map((choice) => ({ label: choice, value: choice }))
				: [
						{ label: "Yes", value: true },
						{ label: "No", value: false },
					];
		return (
			<fieldset class="step-answer__choices" disabled={disabled}>
				<legend>{question.text}</legend>
				{options.map((option) => (
					<label key={option.label} class="step-answer__item">
						<input
							type="radio"
							name={`${id}-choice`}
							checked={value === option.value}
							onChange={() => change(option.value)}
						/>
						<span>{option.label}</span>
					</label>
				))}
			</fieldset>
		);
	}
	const isNumber = question.answer === "number";
	return (
		<div class="step-answer__field">
			<label for={`${id}-answer`}>{question.text}</label>
			<input
				id={`${id}-answer`}
				class="input"
				type="text"
				inputMode={isNumber ? "decimal" : "text"}
				autoComplete="off"
				defaultValue={value === null ? "" : String(value)}
				disabled={disabled}
				onInput={(event) => change(readAnswer(event.currentTarget.value, isNumber))}
			/>
		</div>
	);
}

/** What is still to do, short; the whole sentence comes when it is confirmed too early. */
function missingWords(asked: ManualStep, given: ManualAnswers, whole: string): string {
	const open = asked.items.filter((_, index) => given.checked[index] !== true).length;
	const words = [
		...(open > 0 ? [`${open} of ${asked.items.length} still to tick`] : []),
		...(asked.question !== null && given.answer === null ? ["the question to answer"] : []),
		...(asked.evidence !== "none" && given.text.trim() === "" && given.pictures.length === 0
			? ["evidence to give"]
			: []),
	];
	return words.length === 0 ? whole : words.join(", ");
}

/** A number that is none stays text, so that the check can say what is wanted. */
function readAnswer(written: string, isNumber: boolean): ManualAnswers["answer"] {
	if (written.trim() === "") return null;
	if (!isNumber) return written;
	const number = Number(written.trim().replace(",", "."));
	return Number.isFinite(number) ? number : written;
}

function sentenceOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

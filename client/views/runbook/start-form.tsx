/* What a session begins with: the parameters, each with its type, default and explanation; an optional ticket; what kind of walk it is. */
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { TargetSummary } from "../../../core/protocol.ts";
import { type Parameter, type Runbook, usualSessionKind } from "../../../core/runbook.ts";
import type { SessionKind } from "../../../core/session-event.ts";
import { LineText } from "../../../steps/prose-text.tsx";
import { EnvironmentBadge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { KeyHint } from "../../components/key-hint.tsx";
import { ProblemNote } from "../../components/page-state.tsx";
import { TextField } from "../../components/text-field.tsx";
import { useKeys } from "../../keys/use-keys.ts";
import { useApp } from "../../shell/app-context.ts";
import { pageAddress } from "../../shell/router.ts";
import { useSubmit } from "../session/dialogs/use-submit.ts";
import { type FieldValue, fieldError, firstValue, openingValues } from "./parameter-form.ts";

const kinds: { kind: SessionKind; label: string; words: string }[] = [
	{ kind: "change", label: "Planned change", words: "Something is to be changed on purpose." },
	{ kind: "incident", label: "Incident", words: "Something is broken now." },
	{ kind: "drill", label: "Drill", words: "Practice on a lab; other targets are refused." },
	{ kind: "rehearsal", label: "Rehearsal", words: "Every command is shown, nothing is executed." },
];

export function StartForm({ runbook, targets }: { runbook: Runbook; targets: readonly TargetSummary[] }) {
	const { connection, router } = useApp();
	const form = useRef<HTMLFormElement>(null);
	useKeys([
		{
			keys: "s",
			group: "Runbook",
			label: "To the start form",
			run: () => {
				// What is still to be said first; Tab goes on from there to the button.
				const places = [...(form.current?.querySelectorAll<HTMLInputElement>(".input") ?? [])];
				const first = places.find((input) => input.id !== "ticket" && input.value === "");
				(first ?? form.current?.querySelector<HTMLElement>("button[type=submit]"))?.focus();
			},
		},
	]);
	const fields = useSignal<ReadonlyMap<string, FieldValue>>(
		new Map(runbook.parameters.map((p) => [p.name, firstValue(p, targets)])),
	);
	const kind = useSignal<SessionKind>(usualSessionKind(runbook));
	const ticket = useSignal("");
	const tried = useSignal(false);
	const { busy, problem, submit } = useSubmit();
	const errors = useComputed(
		() => new Map(runbook.parameters.map((p) => [p.name, fieldError(p, fields.value.get(p.name) ?? "")])),
	);
	const chosen = runbook.parameters
		.filter((p) => p.type === "target")
		.map((p) => targets.find((t) => t.name === fields.value.get(p.name)))
		.filter((t): t is TargetSummary => t !== undefined);
	// What the server refuses of one field stands there, not at the end of the form.
	const refused = useComputed(() => {
		const { parameter } = (problem.value?.data ?? {}) as { parameter?: string };
		return runbook.parameters.some(({ name }) => name === parameter) ? { parameter, problem: problem.value } : null;
	});
	useSignalEffect(() => {
		if (refused.value === null) return;
		requestAnimationFrame(() => form.current?.querySelector<HTMLElement>(".field--error .input")?.focus());
	});
	const errorOf = (name: string): ComponentChildren => {
		const own = tried.value ? errors.value.get(name) : null;
		if (own != null) return own;
		const told = refused.value?.parameter === name ? refused.value.problem : null;
		return told == null ? undefined : (
			<LineText text={`${told.detail}${told.next === undefined ? "" : ` ${told.next}`}`} />
		);
	};
	const wrong = [...errors.value.values()].some((e) => e !== null);
	const start = () => {
		tried.value = true;
		if (wrong) {
			// What is wrong is marked with the next drawing.
			requestAnimationFrame(() => form.current?.querySelector<HTMLElement>(".field--error .input")?.focus());
			return;
		}
		submit(
			async () => {
				const { session } = await connection.request("session.open", {
					path: runbook.path,
					kind: kind.value,
					...(ticket.value.trim() === "" ? {} : { ticket: ticket.value.trim() }),
					values: openingValues(runbook.parameters, fields.value),
				});
				router.navigate(pageAddress.session(session));
			},
			() => {},
		);
	};
	const notLab = kind.value === "drill" ? chosen.find((t) => t.environment !== "lab") : undefined;
	const label = kinds.find((k) => k.kind === kind.value)?.label.toLowerCase() ?? kind.value;
	return (
		<form
			ref={form}
			class="start-form"
			onSubmit={(event) => {
				event.preventDefault();
				start();
			}}
		>
			<h2>
				Start <KeyHint keys="s" />
			</h2>
			{runbook.parameters.map((parameter) => (
				<ParameterField
					key={parameter.name}
					parameter={parameter}
					targets={targets}
					value={fields.value.get(parameter.name) ?? ""}
					error={errorOf(parameter.name)}
					onChange={(value) => {
						fields.value = new Map(fields.value).set(parameter.name, value);
					}}
				/>
			))}
			<fieldset class="start-form__kinds">
				<legend class="field__legend">What it is</legend>
				{kinds.map((one) => (
					<label
						key={one.kind}
						class={one.kind === kind.value ? "start-form__kind start-form__kind--chosen" : "start-form__kind"}
					>
						<input
							type="radio"
							name="kind"
							checked={one.kind === kind.value}
							onChange={() => {
								kind.value = one.kind;
							}}
						/>
						{one.label}
					</label>
				))}
				<p class="muted">{kinds.find((k) => k.kind === kind.value)?.words}</p>
			</fieldset>
			<TextField
				id="ticket"
				label="Ticket"
				value={ticket}
				hint="Optional; stands in the record."
				placeholder="OPS-4117"
			/>
			{notLab && (
				<p class="start-form__refused">
					A drill runs on lab targets only; {notLab.name} is {notLab.environment}.
				</p>
			)}
			{problem.value && refused.value === null && <ProblemNote problem={problem.value} />}
			<div class="start-form__go">
				<Button type="submit" kind="primary" disabled={busy.value || notLab !== undefined}>
					{busy.value ? "Opening" : `Start ${kind.value === "incident" ? "an" : "a"} ${label}`}
				</Button>
				{chosen[0] && (
					<span class="start-form__on">
						on <span class="mono">{chosen.map((t) => t.name).join(", ")}</span>{" "}
						<EnvironmentBadge environment={chosen[0].environment} />
					</span>
				)}
			</div>
			<p class="faint">Nothing runs by starting: every step is yours.</p>
		</form>
	);
}

function ParameterField({
	parameter,
	targets,
	value,
	error,
	onChange,
}: {
	parameter: Parameter;
	targets: readonly TargetSummary[];
	value: FieldValue;
	error: ComponentChildren;
	onChange: (value: FieldValue) => void;
}) {
	const id = `parameter-${parameter.name}`;
	const hint = (
		<>
			{parameter.description}
			{parameter.description === undefined && parameter.origin !== "declared" && (
				<>Found in the text {parameter.origin === "placeholder" ? "in angle brackets" : `as $${parameter.name}`}.</>
			)}
			{parameter.default !== undefined && parameter.default !== null && parameter.type !== "boolean" && (
				<span class="faint">
					{parameter.description === undefined || /[.!?]\s*$/.test(parameter.description) ? " " : ". "}
					Default <code>{String(parameter.default)}</code>.
				</span>
			)}
			{parameter.type === "secret" && <span class="faint"> Kept in memory only, never recorded.</span>}
		</>
	);
	const type =
		parameter.type === "target" && parameter.kind !== undefined ? `${parameter.kind} target` : parameter.type;
	if (parameter.type === "boolean") {
		return (
			<label class="start-form__tick" for={id}>
				<input
					id={id}
					type="checkbox"
					checked={value === true}
					onChange={(event) => onChange(event.currentTarget.checked)}
				/>
				<span>
					<strong>{parameter.name}</strong> <span class="muted">{hint}</span>
				</span>
			</label>
		);
	}
	const text = typeof value === "string" ? value : "";
	const invalid = error === undefined ? {} : { "aria-invalid": true, "aria-describedby": `${id}-error` };
	return (
		<Field id={id} label={parameter.name} type={type} required={parameter.required} hint={hint} error={error}>
			{parameter.type === "target" || parameter.type === "choice" ? (
				<select
					id={id}
					{...invalid}
					class="input"
					value={text}
					onChange={(event) => onChange(event.currentTarget.value)}
				>
					<option value="">{parameter.type === "target" ? "choose a target" : "choose"}</option>
					{parameter.type === "choice"
						? parameter.choices?.map((choice) => (
								<option key={choice} value={choice}>
									{choice}
								</option>
							))
						: targets
								.filter((t) => parameter.kind === undefined || t.kind === parameter.kind)
								.map((t) => (
									<option key={t.name} value={t.name}>
										{t.name} ({t.environment})
									</option>
								))}
				</select>
			) : (
				<input
					id={id}
					{...invalid}
					class="input"
					{...(parameter.type === "secret" ? { type: "password" as const } : {})}
					inputMode={parameter.type === "number" ? "decimal" : "text"}
					autocomplete="off"
					spellcheck={false}
					value={text}
					onInput={(event) => onChange(event.currentTarget.value)}
				/>
			)}
		</Field>
	);
}

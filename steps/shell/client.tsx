import { z } from "zod";
import type { JsonObject } from "../../core/json.ts";
import type { StepPlan } from "../../core/plan.ts";
import { UntilLine } from "../command-line.tsx";
import type { HandedValue } from "../handed-value.ts";
import { HandedValues } from "../handed-values.tsx";
import type { PreviewProps, StepView } from "../step-view.ts";
import { VisibleText } from "../visible-text.tsx";
import type { ShellStep } from "./type.ts";
import "./client.css";

/** The text that will run, beside what the author wrote where the two differ, and which values it is handed. */
function ShellPreview({ spec, plan, about, known }: PreviewProps) {
	const own = spec.own as ShellStep;
	const command = plan?.commands[0];
	const runs = command?.text ?? own.script;
	const isRewritten = about !== "ran" && runs.trim() !== spec.body.trim();
	const source = about === "edited" ? "As edited" : "As written";
	const interpreter = plan?.interpreter ?? own.interpreter;
	const detail = plan?.detail as JsonObject | undefined;
	return (
		<div class="step-shell">
			{isRewritten && isRoomy([runs, spec.body]) ? (
				<div class="step-shell__both">
					<figure>
						<figcaption>Will run</figcaption>
						<pre class="step-shell__text" data-runs>
							<VisibleText text={runs} />
						</pre>
					</figure>
					<figure class="step-shell__written">
						<figcaption>{source}</figcaption>
						<pre class="step-shell__text">
							<VisibleText text={spec.body} />
						</pre>
					</figure>
				</div>
			) : (
				<pre class="step-shell__text" data-runs>
					<VisibleText text={runs} />
				</pre>
			)}
			{isRewritten && !isRoomy([runs, spec.body]) && (
				<details class="step-shell__written">
					<summary>{source}, where it differs from what will run</summary>
					<pre class="step-shell__text">
						<VisibleText text={spec.body} />
					</pre>
				</details>
			)}
			<dl class="step-shell__facts">
				{plan?.cwd && <Fact name="in" value={plan.cwd} />}
				{interpreter !== "bash" && <Fact name="read by" value={interpreter} />}
				{detail?.errexit === false && <Fact name="errors" value="go on after a failed command" />}
				{(detail?.interactive ?? own.interactive) === true && <Fact name="keyboard" value="it waits for you to type" />}
				<Variables spec={own} plan={plan} known={known} />
			</dl>
			{spec.until && (
				<p>
					again <UntilLine until={spec.until} />
				</p>
			)}
			{spec.finally.map(({ when, run }, index) => (
				<p key={index} class="step-shell__finally" data-runs>
					finally{when === undefined ? "" : `, if ${when}`}:{" "}
					<code>
						<VisibleText text={plan?.finally[index]?.command.text ?? run} />
					</code>
				</p>
			))}
		</div>
	);
}

/** Whether these texts can stand beside each other in a card without their lines being broken. */
function isRoomy(texts: readonly string[]): boolean {
	const lines = texts.map((text) => text.trim().split("\n"));
	return lines.every((each) => each.length <= 12 && each.every((line) => line.length <= 44));
}

/** Before there is a plan the names are all that is known. */
function Variables({ spec, plan, known }: { spec: ShellStep } & Pick<PreviewProps, "plan" | "known">) {
	const handed = plan ? handedBy(plan) : [];
	if ((plan ? handed : spec.inputs).length === 0) return null;
	return (
		<div class="step-shell__fact">
			<dt>with</dt>
			<dd>
				{plan ? (
					<HandedValues handed={handed} known={known} />
				) : (
					spec.inputs.map(({ variable, secret }) => (
						<code key={variable} class="step-shell__variable">
							${variable}
							{secret && <span class="step-shell__secret"> secret, shown nowhere</span>}
						</code>
					))
				)}
			</dd>
		</div>
	);
}

const handedSchema = z.looseObject({
	inputs: z
		.array(z.looseObject({ variable: z.string(), value: z.string().optional(), text: z.string().optional() }))
		.default([]),
});

/** What the plan hands over, and what earlier steps have exported: all that its text does not show. */
function handedBy(plan: StepPlan): HandedValue[] {
	const read = handedSchema.safeParse(plan.detail);
	const inputs = read.success ? read.data.inputs : [];
	const later = new Map(plan.commands[0]?.placeholders?.map(({ name, from }) => [name, from]));
	const own = new Set(inputs.map(({ variable }) => variable));
	const secret = (variable: string) => plan.secrets.includes(variable);
	return [
		...inputs.map(({ variable, value, text }) => {
			const from = later.get(value ?? "");
			return {
				variable,
				secret: secret(variable),
				...(value === undefined ? {} : { name: value }),
				...(text === undefined ? {} : { text }),
				...(from === undefined ? {} : { later: from }),
			};
		}),
		...plan.variables
			.filter(({ name }) => !own.has(name))
			.map(({ name }) => ({ variable: name, secret: secret(name) })),
	];
}

function Fact({ name, value }: { name: string; value: string }) {
	return (
		<div class="step-shell__fact">
			<dt>{name}</dt>
			<dd>
				<code>
					<VisibleText text={value} />
				</code>
			</dd>
		</div>
	);
}

/** The script; its output is the terminal's. */
export const shellView: StepView = {
	preview: ShellPreview,
	typing: true,
	handed: handedBy,
	asksKeyboard: (plan) => (plan.detail as JsonObject | null | undefined)?.interactive === true,
};

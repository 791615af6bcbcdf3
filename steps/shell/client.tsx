import type { JsonObject } from "../../core/json.ts";
import { UntilLine } from "../command-line.tsx";
import type { PreviewProps, StepView } from "../step-view.ts";
import { VisibleText } from "../visible-text.tsx";
import type { ShellStep } from "./type.ts";
import "./client.css";

/** The text that will run, beside what the author wrote where the two differ, and which values it is handed. */
function ShellPreview({ spec, plan }: PreviewProps) {
	const own = spec.own as ShellStep;
	const command = plan?.commands[0];
	const runs = command?.text ?? own.script;
	const isRewritten = runs.trim() !== spec.body.trim();
	const interpreter = plan?.interpreter ?? own.interpreter;
	const detail = plan?.detail as JsonObject | undefined;
	return (
		<div class="step-shell">
			{isRewritten ? (
				<div class="step-shell__both">
					<figure>
						<figcaption>Will run</figcaption>
						<pre class="step-shell__text">
							<VisibleText text={runs} />
						</pre>
					</figure>
					<figure class="step-shell__written">
						<figcaption>As written</figcaption>
						<pre class="step-shell__text">
							<VisibleText text={spec.body} />
						</pre>
					</figure>
				</div>
			) : (
				<pre class="step-shell__text">
					<VisibleText text={runs} />
				</pre>
			)}
			<dl class="step-shell__facts">
				{plan?.cwd && <Fact name="in" value={plan.cwd} />}
				{interpreter !== "bash" && <Fact name="read by" value={interpreter} />}
				{detail?.errexit === false && <Fact name="errors" value="go on after a failed command" />}
				{(detail?.interactive ?? own.interactive) === true && <Fact name="keyboard" value="it waits for you to type" />}
				<Variables spec={own} plan={plan} />
			</dl>
			{spec.until && (
				<p>
					again <UntilLine until={spec.until} />
				</p>
			)}
			{spec.finally.map(({ when, run }, index) => (
				<p key={index} class="step-shell__finally">
					finally{when === undefined ? "" : `, if ${when}`}:{" "}
					<code>
						<VisibleText text={plan?.finally[index]?.command.text ?? run} />
					</code>
				</p>
			))}
		</div>
	);
}

function Variables({ spec, plan }: { spec: ShellStep; plan: PreviewProps["plan"] }) {
	const secrets = new Set(plan?.secrets ?? spec.inputs.filter((i) => i.secret).map((i) => i.variable));
	const names = plan ? plan.variables.map((v) => v.name) : spec.inputs.map((i) => i.variable);
	const later = plan?.commands[0]?.placeholders ?? [];
	if (names.length === 0 && later.length === 0) return null;
	return (
		<div class="step-shell__fact">
			<dt>with</dt>
			<dd>
				{names.map((name) => (
					<code key={name} class="step-shell__variable">
						${name}
						{secrets.has(name) && <span class="step-shell__secret"> secret, shown nowhere</span>}
					</code>
				))}
				{later.map((placeholder) => (
					<code key={placeholder.name} class="step-chip" title={`from ${placeholder.from}: ${placeholder.expression}`}>
						{placeholder.name}
					</code>
				))}
			</dd>
		</div>
	);
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
	asksKeyboard: (plan) => (plan.detail as JsonObject | undefined)?.interactive === true,
};

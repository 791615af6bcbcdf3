/* After a run: each check, held or not, with what was wanted and what came; what was captured; the commands that did not come to an end. */

import type { JsonValue } from "../../../../core/json.ts";
import { problemCatalogue } from "../../../../core/problem-catalogue.ts";
import { type RecordedCommand, recordedChecks, recordedCommands, recordedObject } from "../../../../core/recorded.ts";
import type { RunState } from "../../../../core/session-state.ts";
import { LineText } from "../../../../steps/prose-text.tsx";
import { VisibleText } from "../../../../steps/visible-text.tsx";
import { Icon } from "../../../components/icon.tsx";
import "./step-facts.css";
import "./step-checks.css";

export function StepProblem({ run }: { run: RunState }) {
	const problem = recordedObject(run.problem);
	if (typeof problem?.detail !== "string") {
		return run.problem?.content === undefined ? null : <p class="step-problem">{run.problem.content}</p>;
	}
	const { code, detail, next } = problem;
	const known = Object.entries(problemCatalogue).find(([name]) => name === code)?.[1];
	const wanted = asked(problem.data, "wanted");
	// Without a sentence of the author's the detail repeats the expression, which stands below.
	const said = known !== undefined && wanted !== undefined && detail === `wanted \`${wanted}\`` ? known.title : detail;
	return (
		<div class={`step-problem step-problem--${problem.severity === "warning" ? "warning" : run.outcome}`}>
			<p>
				<Icon name={run.outcome === "cancelled" ? "ban" : "circle-alert"} />{" "}
				<strong>
					<LineText text={said} />
				</strong>{" "}
				<span class="muted">
					<LineText text={typeof next === "string" ? next : (known?.next ?? "")} />
				</span>
			</p>
			{wanted !== undefined && (
				<dl class="step-wanted">
					<dt>wanted</dt>
					<dd class="mono">{wanted}</dd>
					<dt>came</dt>
					<dd class="mono">{asked(problem.data, "got")}</dd>
				</dl>
			)}
		</div>
	);
}

function asked(data: JsonValue | undefined, name: "wanted" | "got"): string | undefined {
	const value = typeof data === "object" && data !== null && !Array.isArray(data) ? data[name] : undefined;
	return typeof value === "string" ? value : undefined;
}

export function StepChecks({ run }: { run: RunState }) {
	const checks = recordedChecks(run.checks) ?? [];
	const captured = Object.entries(recordedObject(run.captured) ?? {});
	if (checks.length === 0 && captured.length === 0) return null;
	return (
		<dl class="step-facts">
			{checks.length > 0 && (
				<>
					<dt>expected</dt>
					<dd class="step-facts__list">
						{checks.map((check) => (
							<span key={check.that} class={`step-facts__check step-facts__check--${check.held ? "held" : "broken"}`}>
								<Icon name={check.held ? "check" : "x"} size={13} label={check.held ? "held" : "did not hold"} />
								<span>
									<code>{check.that}</code>
									{!check.held && ` did not hold${check.why === undefined ? "" : `: ${check.why}`}`}
								</span>
							</span>
						))}
					</dd>
				</>
			)}
			{captured.map(([name, value]) => (
				<Captured key={name} name={name} value={typeof value === "string" ? value : JSON.stringify(value)} />
			))}
		</dl>
	);
}

function Captured({ name, value }: { name: string; value: string }) {
	return (
		<>
			<dt>{name}</dt>
			<dd>
				<code class="step-facts__value">{value}</code>
			</dd>
		</>
	);
}

const stateWords: Record<RecordedCommand["state"], string> = {
	done: "done",
	failed: "failed",
	"not-sent": "not sent",
	"may-have-happened": "may have happened",
};

/** Of a run that did not come to its end: what became of each command. */
export function SentCommands({ run }: { run: RunState }) {
	const commands = recordedCommands(run.commands) ?? [];
	if (commands.length === 0 || commands.every((c) => c.state === "done")) return null;
	return (
		<ul class="sent-commands">
			{commands.map((command, i) => (
				<li key={i} class={`sent-commands__one sent-commands__one--${command.state}`}>
					<span class="sent-commands__state">{stateWords[command.state]}</span>
					<span class="mono">
						{command.phase === "finally" && "finally "}
						{command.node}&gt; <VisibleText text={command.text} />
					</span>
				</li>
			))}
		</ul>
	);
}

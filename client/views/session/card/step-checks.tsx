/* After a run: each check, held or not, with what was wanted and what came; what was captured; the commands that did not come to an end. */

import type { JsonValue } from "../../../../core/json.ts";
import type { Problem } from "../../../../core/problem.ts";
import { problemCatalogue } from "../../../../core/problem-catalogue.ts";
import type { RunState } from "../../../../core/session-state.ts";
import { LineText } from "../../../../steps/prose-text.tsx";
import { VisibleText } from "../../../../steps/visible-text.tsx";
import { Icon } from "../../../components/icon.tsx";
import { parseContent } from "../parse-content.ts";
import "./step-facts.css";
import "./step-checks.css";

interface Check {
	that: string;
	held: boolean;
	said?: string;
	why?: string;
}

interface SentCommand {
	phase: string;
	node: string;
	text: string;
	state: "done" | "failed" | "not-sent" | "may-have-happened";
	error?: string;
}

export function StepProblem({ run }: { run: RunState }) {
	const problem = parseContent<Problem>(run.problem);
	if (problem === undefined) {
		return run.problem?.content === undefined ? null : <p class="step-problem">{run.problem.content}</p>;
	}
	const known = problemCatalogue[problem.code];
	const data = problem.data as { wanted?: string; got?: string } | undefined;
	// Without a sentence of the author's the detail repeats the expression, which stands below.
	const said =
		data?.wanted !== undefined && problem.detail === `wanted \`${data.wanted}\`` ? known.title : problem.detail;
	return (
		<div class={`step-problem step-problem--${problem.severity === "warning" ? "warning" : run.outcome}`}>
			<p>
				<Icon name={run.outcome === "cancelled" ? "ban" : "circle-alert"} />{" "}
				<strong>
					<LineText text={said} />
				</strong>{" "}
				<span class="muted">
					<LineText text={problem.next ?? known?.next ?? ""} />
				</span>
			</p>
			{data?.wanted !== undefined && (
				<dl class="step-wanted">
					<dt>wanted</dt>
					<dd class="mono">{data.wanted}</dd>
					<dt>came</dt>
					<dd class="mono">{data.got}</dd>
				</dl>
			)}
		</div>
	);
}

export function StepChecks({ run }: { run: RunState }) {
	const checks = parseContent<Check[]>(run.checks) ?? [];
	const captured = Object.entries(parseContent<Record<string, JsonValue>>(run.captured) ?? {});
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

const stateWords: Record<SentCommand["state"], string> = {
	done: "done",
	failed: "failed",
	"not-sent": "not sent",
	"may-have-happened": "may have happened",
};

/** Of a run that did not come to its end: what became of each command. */
export function SentCommands({ run }: { run: RunState }) {
	const commands = parseContent<SentCommand[]>(run.commands) ?? [];
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

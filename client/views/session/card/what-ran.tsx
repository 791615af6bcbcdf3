/* What a run has sent, as it was recorded with it: never what the step would do now. Folded when it is long. */
import type { StepSpec } from "../../../../core/runbook.ts";
import type { RunState, StepState } from "../../../../core/session-state.ts";
import { VisibleText } from "../../../../steps/visible-text.tsx";
import { countWords } from "../../../words/count-words.ts";
import { asSent } from "../as-sent.ts";
import { knownValues } from "../known-values.ts";
import { contentText } from "../parse-content.ts";
import { planCommands } from "../plan-changes.ts";
import { useSession } from "../session-context.ts";
import { planOfRun } from "../waiting-for-keys.ts";
import { StepPreview } from "./step-preview.tsx";
import "./what-ran.css";

/** More lines than this are folded. */
const shortLines = 12;

export function WhatRan({ spec, step, run }: { spec: StepSpec; step: StepState; run: RunState }) {
	const { store } = useSession();
	const planned = planOfRun(run);
	if (!planned) {
		return (
			<p class="step__note">What ran is not known here{run.plan.content === undefined ? ": it was erased" : ""}.</p>
		);
	}
	const plan = asSent(planned, run.commands);
	const commands = planCommands(plan);
	const nodes = [...new Set(commands.map(({ node }) => node.name))];
	const lines = commands.reduce((sum, { text }) => sum + text.trim().split("\n").length, 0);
	// The output begins each of a cluster's own commands with its prompt: what went well and stands there whole needs no
	// telling twice; of anything else it may say less than what was meant to run.
	const isEchoed = plan.commands.every(({ argv }) => argv !== undefined);
	const isWhole = run.outcome === "succeeded" && run.recording?.truncated === false && plan.until === undefined;
	const before = step.edited !== undefined && step.edited.seq < (run.startedSeq ?? 0) ? step.edited : undefined;
	return (
		<div class="step__code what-ran">
			{isEchoed && isWhole ? null : commands.length > 0 ? (
				<details open={!isEchoed && lines <= shortLines}>
					<summary>
						Ran on {nodes.join(", ")}
						{lines > shortLines && `, ${countWords(lines, "line")}`}
					</summary>
					<StepPreview spec={spec} plan={plan} about="ran" known={knownValues(store.values.value, run.startedSeq)} />
				</details>
			) : (
				run.recording === null && <StepPreview spec={spec} plan={plan} about="ran" />
			)}
			{before && (
				<details open={lines <= shortLines}>
					<summary>It was edited before</summary>
					<pre class="what-ran__diff">
						{diffLines(contentText(before.diff)).map((line, i) => (
							<span key={i} class={diffClass(line)}>
								<VisibleText text={line} />
							</span>
						))}
					</pre>
				</details>
			)}
		</div>
	);
}

function diffClass(line: string): string {
	return line.startsWith("+") ? "what-ran__new" : line.startsWith("-") ? "what-ran__gone" : "what-ran__same";
}

/** A patch without its head, which names files that there are none of. */
function diffLines(patch: string): string[] {
	const lines = patch.trimEnd().split("\n");
	const begins = lines.findIndex((line) => line.startsWith("@@"));
	return lines.slice(begins + 1).filter((line) => !line.startsWith("@@") && !line.startsWith("\\"));
}

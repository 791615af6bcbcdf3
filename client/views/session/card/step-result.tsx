/* The typed result in its own words, where the step's type has some. */

import type { JsonValue } from "../../../../core/json.ts";
import type { StepSpec } from "../../../../core/runbook.ts";
import type { RunState } from "../../../../core/session-state.ts";
import { stepViews } from "../../../../steps/client.ts";
import type { StepView } from "../../../../steps/step-view.ts";
import { parseContent } from "../parse-content.ts";

export function StepResult({ spec, run }: { spec: StepSpec; run: RunState }) {
	const Result = (stepViews as Record<string, StepView>)[spec.type]?.result;
	const result = parseContent<JsonValue>(run.result);
	if (typeof result === "object" && result !== null && !Array.isArray(result) && typeof result.skipped === "string") {
		return <p class="step__note">{result.skipped}</p>;
	}
	if (!Result) return null;
	return (
		<div class="step__result">
			<Result spec={spec} run={run} result={result} />
		</div>
	);
}

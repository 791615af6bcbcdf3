import type { JsonObject } from "../../core/json.ts";
import { UntilLine } from "../command-line.tsx";
import { ProseText } from "../prose-text.tsx";
import type { PreviewProps, ResultProps, StepView } from "../step-view.ts";
import { waitWords } from "../wait-words.ts";
import { type WaitStep, waitStepSchema } from "./type.ts";
import "./client.css";

function WaitPreview({ spec, plan }: PreviewProps) {
	const planned = waitStepSchema.safeParse(plan?.detail);
	const own = planned.success ? planned.data : (spec.own as WaitStep);
	const until = plan?.until ?? spec.until;
	return (
		<div class="step-wait">
			<ProseText text={own.text} />
			{own.forMs !== null && <p>Waits {waitWords(own.forMs)}.</p>}
			{until && (
				<p>
					Waits <UntilLine until={until} />
				</p>
			)}
		</div>
	);
}

function WaitResult({ result }: ResultProps) {
	const waited = (result as JsonObject | null | undefined)?.waitedMs;
	return typeof waited === "number" ? <p class="step-wait">Waited {waitWords(waited)}.</p> : null;
}

/** What is waited for, and how long it took. */
export const waitView: StepView = { preview: WaitPreview, result: WaitResult };

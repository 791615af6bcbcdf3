import type { JsonObject } from "../../core/json.ts";
import { ProseText } from "../prose-text.tsx";
import type { PreviewProps, StepView } from "../step-view.ts";
import type { NoteStep } from "./type.ts";
import "./client.css";

function NotePreview({ spec, plan }: PreviewProps) {
	const filled = (plan?.detail as JsonObject | null | undefined)?.text;
	return (
		<div class="step-note">
			<ProseText text={typeof filled === "string" ? filled : (spec.own as NoteStep).text} />
		</div>
	);
}

/** A note is its text. */
export const noteView: StepView = { preview: NotePreview };

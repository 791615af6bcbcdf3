import type { PreviewProps, StepView } from "../step-view.ts";
import type { NoteStep } from "./type.ts";
import "./client.css";

function NotePreview({ spec, plan }: PreviewProps) {
	const filled = plan?.detail as { text: string } | undefined;
	return <p class="step-note">{filled?.text ?? (spec.own as NoteStep).text}</p>;
}

/** A note is its text. */
export const noteView: StepView = { preview: NotePreview };

/* Editing a step before it runs: the text, what changes against the one that is shown now, and why. */
import { useComputed } from "@preact/signals";
import { VisibleText } from "../../../../steps/visible-text.tsx";
import { TextField } from "../../../components/text-field.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { useSession } from "../session-context.ts";
import { FieldProblem } from "./field-problem.tsx";
import { lineChanges } from "./line-changes.ts";
import { SendDialog } from "./send-dialog.tsx";
import { StepText, stepTextId } from "./step-text.tsx";
import { useDraft } from "./use-draft.ts";
import { useSubmit } from "./use-submit.ts";
import "./edit-dialog.css";

export function EditDialog({ step, onClose }: { step: string; onClose: () => void }) {
	const { store } = useSession();
	const { connection } = useApp();
	const spec = store.specs.peek().get(step);
	const before = spec?.body ?? "";
	const draft = useDraft(`edit ${step}`);
	const body = draft.field("body", before);
	const reason = draft.field("reason", "");
	const { busy, problem, submit } = useSubmit();
	const changes = useComputed(() => lineChanges(before, body.value));
	const changed = body.value.trim() !== before.trim();
	const save = () => {
		if (!changed) return;
		submit(
			() =>
				connection.request("step.edit", {
					session: store.session,
					step,
					body: body.value,
					...(reason.value.trim() === "" ? {} : { reason: reason.value.trim() }),
				}),
			() => {
				draft.forget();
				onClose();
			},
		);
	};
	return (
		<SendDialog
			title={`Edit ${spec?.title ?? step}`}
			wide
			words="Keep for this session"
			keys="Ctrl+Enter"
			leave="Leave as it was"
			beside="Recorded with its difference; the file is not touched."
			ready={changed}
			busy={busy}
			draft={draft}
			send={save}
			onClose={onClose}
		>
			<StepText
				value={body}
				rows={Math.min(22, Math.max(6, body.value.split("\n").length + 1))}
				focus
				wrong={problem.value !== null}
			/>
			{problem.value && <FieldProblem problem={problem.value} field={stepTextId} />}
			{changed && (
				<figure class="dialog-changes">
					<figcaption>What changes</figcaption>
					<div class="mono">
						{changes.value.map((line, i) => (
							<div key={i} class={`dialog-changes__line dialog-changes__line--${line.kind}`}>
								<span>{{ same: " ", gone: "−", new: "+" }[line.kind]}</span>
								<VisibleText text={line.text} />
							</div>
						))}
					</div>
				</figure>
			)}
			<TextField
				id="edit-reason"
				label="Why"
				value={reason}
				hint="One sentence for who reads the record; may be left empty."
			/>
		</SendDialog>
	);
}

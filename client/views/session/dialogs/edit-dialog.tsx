/* Editing a step before it runs: the text, what changes against the one that is shown now, and why. */
import { useComputed, useSignal } from "@preact/signals";
import { Button } from "../../../components/button.tsx";
import { Dialog } from "../../../components/dialog.tsx";
import { Field } from "../../../components/field.tsx";
import { ProblemNote } from "../../../components/page-state.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { useSession } from "../session-context.ts";
import { lineChanges } from "./line-changes.ts";
import { useSubmit } from "./use-submit.ts";
import "./dialogs.css";

export function EditDialog({ step, onClose }: { step: string; onClose: () => void }) {
	const { store } = useSession();
	const { connection } = useApp();
	const spec = store.specs.peek().get(step);
	const before = spec?.body ?? "";
	const body = useSignal(before);
	const reason = useSignal("");
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
			onClose,
		);
	};
	return (
		<Dialog
			title={`Edit ${spec?.title ?? step}`}
			wide
			onClose={onClose}
			footer={
				<>
					<Button kind="primary" keys="Ctrl+Enter" disabled={!changed || busy.value} onClick={save}>
						Keep for this session
					</Button>
					<Button onClick={onClose}>Leave as it was</Button>
					<span class="muted">Recorded with its difference; the file is not touched.</span>
				</>
			}
		>
			<textarea
				class="input input--mono dialog-editor"
				data-focus
				aria-label="The step’s text"
				spellcheck={false}
				autocapitalize="off"
				rows={Math.min(22, Math.max(6, body.value.split("\n").length + 1))}
				value={body.value}
				onInput={(event) => {
					body.value = event.currentTarget.value;
				}}
				onKeyDown={(event) => {
					if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
						event.preventDefault();
						save();
					}
				}}
			/>
			{changed && (
				<figure class="dialog-changes">
					<figcaption>What changes</figcaption>
					<div class="mono">
						{changes.value.map((line, i) => (
							<div key={i} class={`dialog-changes__line dialog-changes__line--${line.kind}`}>
								<span>{{ same: " ", gone: "−", new: "+" }[line.kind]}</span>
								{line.text}
							</div>
						))}
					</div>
				</figure>
			)}
			<Field id="edit-reason" label="Why" hint="One sentence for who reads the record; may be left empty.">
				<input
					id="edit-reason"
					class="input"
					value={reason.value}
					onInput={(event) => {
						reason.value = event.currentTarget.value;
					}}
				/>
			</Field>
			{problem.value && <ProblemNote problem={problem.value} />}
		</Dialog>
	);
}

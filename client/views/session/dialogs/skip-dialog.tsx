/* Skipping a step, with the reason that the record keeps. */
import { useSignal } from "@preact/signals";
import { Button } from "../../../components/button.tsx";
import { Dialog } from "../../../components/dialog.tsx";
import { Field } from "../../../components/field.tsx";
import { ProblemNote } from "../../../components/page-state.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { useSession } from "../session-context.ts";
import { useSubmit } from "./use-submit.ts";
import "./dialogs.css";

export function SkipDialog({ step, onClose }: { step: string; onClose: () => void }) {
	const { store, control } = useSession();
	const { connection } = useApp();
	const reason = useSignal("");
	const { busy, problem, submit } = useSubmit();
	const unit = store.units.peek().find((u) => u.steps.includes(step));
	const steps = unit?.group ? unit.steps : [step];
	const titles = steps.map((name) => store.specs.peek().get(name)?.title ?? name);
	const skip = () => {
		const words = reason.value.trim();
		if (words === "") return;
		submit(
			async () => {
				for (const name of steps)
					await connection.request("step.skip", { session: store.session, step: name, reason: words });
			},
			() => {
				control.chosen.value = null;
				onClose();
			},
		);
	};
	return (
		<Dialog
			title={steps.length === 1 ? `Skip ${titles[0]}` : `Skip these ${steps.length} steps`}
			onClose={onClose}
			footer={
				<>
					<Button kind="primary" keys="Enter" disabled={reason.value.trim() === "" || busy.value} onClick={skip}>
						Skip
					</Button>
					<Button onClick={onClose}>Not now</Button>
				</>
			}
		>
			{steps.length > 1 && <p class="muted">{titles.join(", ")}: a group is run or skipped as one.</p>}
			<form
				onSubmit={(event) => {
					event.preventDefault();
					skip();
				}}
			>
				<Field id="skip-reason" label="Why" required hint="The record keeps it beside the step.">
					<input
						id="skip-reason"
						class="input"
						data-focus
						autocomplete="off"
						value={reason.value}
						onInput={(event) => {
							reason.value = event.currentTarget.value;
						}}
					/>
				</Field>
			</form>
			{problem.value && <ProblemNote problem={problem.value} />}
		</Dialog>
	);
}

/* Skipping a step, with the reason that the record keeps. */
import { TextField } from "../../../components/text-field.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { useSession } from "../session-context.ts";
import { SendDialog } from "./send-dialog.tsx";
import { useDraft } from "./use-draft.ts";
import { useSubmit } from "./use-submit.ts";

export function SkipDialog({ step, onClose }: { step: string; onClose: () => void }) {
	const { store, control } = useSession();
	const { connection } = useApp();
	const draft = useDraft(`skip ${step}`);
	const reason = draft.field("reason", "");
	const { busy, problem, submit } = useSubmit();
	const unit = store.units.peek().find((u) => u.steps.includes(step));
	const steps = unit?.group ? unit.steps : [step];
	const titles = steps.map((name) => store.specs.peek().get(name)?.title ?? name);
	const skip = () => {
		const words = reason.value.trim();
		if (words === "") return;
		submit(
			// A group by its name: all of its steps or none.
			() => connection.request("step.skip", { session: store.session, step: unit?.name ?? step, reason: words }),
			() => {
				draft.forget();
				control.chosen.value = null;
				onClose();
			},
		);
	};
	return (
		<SendDialog
			title={steps.length === 1 ? `Skip ${titles[0]}` : `Skip these ${steps.length} steps`}
			words="Skip"
			keys="Enter"
			leave="Not now"
			ready={reason.value.trim() !== ""}
			busy={busy}
			problem={problem.value}
			draft={draft}
			send={skip}
			onClose={onClose}
		>
			{steps.length > 1 && <p class="muted">{titles.join(", ")}: a group is run or skipped as one.</p>}
			<form
				onSubmit={(event) => {
					event.preventDefault();
					skip();
				}}
			>
				<TextField
					id="skip-reason"
					label="Why"
					value={reason}
					required
					hint="The record keeps it beside the step."
					focus
				/>
			</form>
		</SendDialog>
	);
}

/* A step that the runbook does not have, added after the one that the keys are about. It is recorded as a deviation. */
import { Field } from "../../../components/field.tsx";
import { TextField } from "../../../components/text-field.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { focusUnitSoon } from "../focus-unit.ts";
import { useSession } from "../session-context.ts";
import { FieldProblem } from "./field-problem.tsx";
import { SendDialog } from "./send-dialog.tsx";
import { StepText, stepTextId } from "./step-text.tsx";
import { useDraft } from "./use-draft.ts";
import { useSubmit } from "./use-submit.ts";
import "./add-step-dialog.css";

const targetId = "add-target";
const types = ["shell", "redis"] as const;

export function AddStepDialog({ step, onClose }: { step: string; onClose: () => void }) {
	const { store, control } = useSession();
	const { connection } = useApp();
	const clusters = [...store.topologies.peek().values()].map((w) => w.topology);
	const redis = clusters.find((t) => t.kind === "redis");
	const draft = useDraft("add");
	const type = draft.field<(typeof types)[number]>("type", "shell");
	const title = draft.field("title", "");
	const body = draft.field("body", "");
	const target = draft.field("target", "");
	const { busy, problem, submit } = useSubmit();
	const unit = store.units.peek().find((u) => u.steps.includes(step));
	// Nothing stands inside a group: behind it.
	const after = unit?.steps.at(-1) ?? step;
	const ready = title.value.trim() !== "" && body.value.trim() !== "";
	const add = () => {
		if (!ready) return;
		const reference = target.value.trim();
		let onDone = () => {};
		submit(
			async () => {
				const { step: added } = await connection.request("step.add", {
					session: store.session,
					after,
					type: type.value,
					title: title.value.trim(),
					body: body.value,
					...(reference === "" ? {} : { target: reference }),
				});
				control.chosen.value = added;
				// Not back on the button that opened this: Enter is about the new step now.
				onDone = () => focusUnitSoon(added);
			},
			() => {
				draft.forget();
				onClose();
				onDone();
			},
		);
	};
	const references = [...new Set(clusters.flatMap((t) => t.members.map((m) => `${t.cluster}.${m.role}`)))];
	const wrong = problem.value;
	const ofTarget = wrong !== null && /^(target|topology)-/.test(wrong.code) && !/^\s*@/m.test(body.value);
	return (
		<SendDialog
			title="Add a step here"
			wide
			words={<>Add after {store.specs.peek().get(after)?.title ?? after}</>}
			keys="Ctrl+Enter"
			leave="Not now"
			beside="Nothing runs yet."
			ready={ready}
			busy={busy}
			draft={draft}
			send={add}
			onClose={onClose}
		>
			<div class="dialog-row">
				<TextField id="add-title" label="What it is for" value={title} required focus />
				<Field id="add-type" label="Type">
					<select
						id="add-type"
						class="input"
						value={type.value}
						onChange={(event) => {
							type.value = event.currentTarget.value as (typeof types)[number];
							if (type.value === "redis" && target.value === "" && redis) target.value = `${redis.cluster}.master`;
						}}
					>
						{types.map((name) => (
							<option key={name} value={name}>
								{name}
							</option>
						))}
					</select>
				</Field>
				<TextField
					id={targetId}
					label="Where"
					value={target}
					hint={type.value === "shell" ? "Empty: this machine." : undefined}
					mono
					suggestions={references}
				/>
			</div>
			{wrong && <FieldProblem problem={wrong} field={ofTarget ? targetId : stepTextId} />}
			<StepText
				value={body}
				rows={8}
				wrong={wrong !== null && !ofTarget}
				placeholder={type.value === "redis" ? "INFO replication" : "uptime"}
			/>
		</SendDialog>
	);
}

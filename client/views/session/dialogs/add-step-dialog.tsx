/* A step that the runbook does not have, added after the one that the keys are about. It is recorded as a deviation. */
import { useSignal } from "@preact/signals";
import { Button } from "../../../components/button.tsx";
import { Dialog } from "../../../components/dialog.tsx";
import { Field } from "../../../components/field.tsx";
import { ProblemNote } from "../../../components/page-state.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { focusUnitSoon } from "../focus-unit.ts";
import { useSession } from "../session-context.ts";
import { useSubmit } from "./use-submit.ts";
import "./dialogs.css";

const types = ["shell", "redis"] as const;

export function AddStepDialog({ step, onClose }: { step: string; onClose: () => void }) {
	const { store, control } = useSession();
	const { connection } = useApp();
	const clusters = [...store.topologies.peek().values()].map((w) => w.topology);
	const redis = clusters.find((t) => t.kind === "redis");
	const type = useSignal<(typeof types)[number]>("shell");
	const title = useSignal("");
	const body = useSignal("");
	const target = useSignal("");
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
				onClose();
				onDone();
			},
		);
	};
	const references = [...new Set(clusters.flatMap((t) => t.members.map((m) => `${t.cluster}.${m.role}`)))];
	return (
		<Dialog
			title="Add a step here"
			wide
			onClose={onClose}
			footer={
				<>
					<Button kind="primary" keys="Ctrl+Enter" disabled={!ready || busy.value} onClick={add}>
						Add after {store.specs.peek().get(after)?.title ?? after}
					</Button>
					<Button onClick={onClose}>Not now</Button>
					<span class="muted">Nothing runs yet.</span>
				</>
			}
		>
			<div class="dialog-row">
				<Field id="add-title" label="What it is for" required>
					<input
						id="add-title"
						class="input"
						data-focus
						autocomplete="off"
						value={title.value}
						onInput={(event) => {
							title.value = event.currentTarget.value;
						}}
					/>
				</Field>
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
				<Field id="add-target" label="Where" hint={type.value === "shell" ? "Empty: this machine." : undefined}>
					<input
						id="add-target"
						class="input input--mono"
						list="add-targets"
						autocomplete="off"
						value={target.value}
						onInput={(event) => {
							target.value = event.currentTarget.value;
						}}
					/>
					<datalist id="add-targets">
						{references.map((reference) => (
							<option key={reference} value={reference} />
						))}
					</datalist>
				</Field>
			</div>
			<textarea
				class="input input--mono dialog-editor"
				aria-label="The step’s text"
				placeholder={type.value === "redis" ? "INFO replication" : "uptime"}
				spellcheck={false}
				autocapitalize="off"
				rows={8}
				value={body.value}
				onInput={(event) => {
					body.value = event.currentTarget.value;
				}}
				onKeyDown={(event) => {
					if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
						event.preventDefault();
						add();
					}
				}}
			/>
			{problem.value && <ProblemNote problem={problem.value} />}
		</Dialog>
	);
}

/* Closing a session: its outcome and one sentence. Nothing can be run in it afterwards. */
import { useSignal } from "@preact/signals";
import type { CloseOutcome } from "../../../../core/session-event.ts";
import { Button } from "../../../components/button.tsx";
import { Dialog } from "../../../components/dialog.tsx";
import { Field } from "../../../components/field.tsx";
import { ProblemNote } from "../../../components/page-state.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { useSession } from "../session-context.ts";
import { useSubmit } from "./use-submit.ts";
import "./dialogs.css";

const outcomes: { outcome: CloseOutcome; words: string }[] = [
	{ outcome: "resolved", words: "what was wanted is reached" },
	{ outcome: "mitigated", words: "it holds, more is to be done" },
	{ outcome: "failed", words: "it did not work" },
	{ outcome: "abandoned", words: "left without an end" },
];

export function CloseDialog({ onClose }: { onClose: () => void }) {
	const { store } = useSession();
	const { connection } = useApp();
	const left = store.next.peek() !== null;
	const outcome = useSignal<CloseOutcome | null>(left ? null : "resolved");
	const summary = useSignal("");
	const { busy, problem, submit } = useSubmit();
	const ready = outcome.value !== null && summary.value.trim() !== "";
	const close = () => {
		const chosen = outcome.value;
		if (chosen === null || !ready) return;
		submit(
			() =>
				connection.request("session.close", { session: store.session, outcome: chosen, summary: summary.value.trim() }),
			onClose,
		);
	};
	return (
		<Dialog
			title="Close the session"
			onClose={onClose}
			footer={
				<>
					<Button kind="primary" disabled={!ready || busy.value} onClick={close}>
						Close it
					</Button>
					<Button onClick={onClose}>Not yet</Button>
				</>
			}
		>
			{left && <p class="muted">Not every step is done.</p>}
			<form
				class="dialog-close"
				onSubmit={(event) => {
					event.preventDefault();
					close();
				}}
			>
				<fieldset class="dialog-close__outcomes">
					<legend>How it ended</legend>
					{outcomes.map(({ outcome: one, words }) => (
						<label key={one}>
							<input
								type="radio"
								name="outcome"
								checked={outcome.value === one}
								onChange={() => {
									outcome.value = one;
								}}
							/>
							<span>
								<strong>{one}</strong> <span class="muted">{words}</span>
							</span>
						</label>
					))}
				</fieldset>
				<Field id="close-summary" label="In one sentence" required>
					<input
						id="close-summary"
						class="input"
						data-focus
						autocomplete="off"
						value={summary.value}
						onInput={(event) => {
							summary.value = event.currentTarget.value;
						}}
					/>
				</Field>
			</form>
			{problem.value && <ProblemNote problem={problem.value} />}
		</Dialog>
	);
}

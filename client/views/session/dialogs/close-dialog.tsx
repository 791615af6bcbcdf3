/* Closing a session: its outcome and one sentence. Nothing can be run in it afterwards. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { CloseOutcome } from "../../../../core/session-event.ts";
import { TextField } from "../../../components/text-field.tsx";
import { useApp } from "../../../shell/app-context.ts";
import { useSession } from "../session-context.ts";
import { SendDialog } from "./send-dialog.tsx";
import { useDraft } from "./use-draft.ts";
import { useSubmit } from "./use-submit.ts";
import "./close-dialog.css";

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
	const draft = useDraft("close");
	// What was typed is kept; how it ended is said anew each time, by what is left then.
	const outcome = useSignal<CloseOutcome | null>(left ? null : "resolved");
	const summary = draft.field("summary", "");
	const { busy, problem, submit } = useSubmit();
	const ready = outcome.value !== null && summary.value.trim() !== "";
	const form = useRef<HTMLFormElement>(null);
	const close = () => {
		const chosen = outcome.value;
		if (chosen === null || !ready) {
			const missing = chosen === null ? "[name=outcome]" : "#close-summary";
			form.current?.querySelector<HTMLElement>(missing)?.focus();
			return;
		}
		submit(
			() =>
				connection.request("session.close", { session: store.session, outcome: chosen, summary: summary.value.trim() }),
			() => {
				draft.forget();
				onClose();
			},
		);
	};
	return (
		<SendDialog
			title="Close the session"
			words="Close it"
			leave="Not yet"
			ready={ready}
			busy={busy}
			problem={problem.value}
			draft={draft}
			send={close}
			onClose={onClose}
		>
			{left && <p class="muted">Not every step is done.</p>}
			<form
				ref={form}
				class="dialog-close"
				onSubmit={(event) => {
					event.preventDefault();
					close();
				}}
			>
				<fieldset class="dialog-close__outcomes">
					<legend class="field__legend">
						How it ended <span class="field__type">required</span>
					</legend>
					{outcomes.map(({ outcome: one, words }, i) => (
						<label key={one}>
							<input
								type="radio"
								name="outcome"
								checked={outcome.value === one}
								data-focus={left && i === 0 ? "" : undefined}
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
				<TextField id="close-summary" label="In one sentence" value={summary} required focus={!left} />
			</form>
		</SendDialog>
	);
}

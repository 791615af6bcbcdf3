/*
 * A dialog that sends one thing and closes: its button and Ctrl+Enter do so once it is ready, and a refusal stands in it.
 * Left in any other way it keeps what was typed for its next opening.
 */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Problem } from "../../../../core/problem.ts";
import { Button } from "../../../components/button.tsx";
import { Dialog } from "../../../components/dialog.tsx";
import { ProblemNote } from "../../../components/page-state.tsx";
import { useApp } from "../../../shell/app-context.ts";
import type { Draft } from "../../../shell/drafts.ts";

export function SendDialog({
	title,
	wide = false,
	words,
	keys,
	leave,
	beside,
	ready,
	busy,
	problem,
	draft,
	send,
	onClose,
	children,
}: {
	title: string;
	wide?: boolean;
	/** What the button that sends says, and the key that stands on it. */
	words: ComponentChildren;
	keys?: string;
	/** What the button says that closes it and sends nothing. */
	leave: string;
	/** What is good to know before pressing. */
	beside?: string;
	ready: boolean;
	busy: ReadonlySignal<boolean>;
	/** A refusal that no field of it shows. */
	problem?: Problem | null;
	draft: Draft;
	send: () => void;
	onClose: () => void;
	children: ComponentChildren;
}) {
	const { toasts } = useApp();
	const fromBefore = useSignal(draft.kept);
	const leaveIt = () => {
		if (draft.leave()) toasts.show("Not sent; what you typed is kept and stands there when you open this again.");
		onClose();
	};
	return (
		<Dialog
			title={title}
			wide={wide}
			onClose={leaveIt}
			onSend={send}
			footer={
				<>
					<Button kind="primary" keys={keys} disabled={!ready || busy.value} onClick={send}>
						{words}
					</Button>
					<Button onClick={leaveIt}>{leave}</Button>
					{beside !== undefined && <span class="muted">{beside}</span>}
				</>
			}
		>
			{fromBefore.value && (
				<p class="dialog__draft muted">
					What you typed before and did not send.{" "}
					<Button
						size="small"
						onClick={() => {
							draft.reset();
							fromBefore.value = false;
						}}
					>
						Start afresh
					</Button>
				</p>
			)}
			{children}
			{problem && <ProblemNote problem={problem} />}
		</Dialog>
	);
}

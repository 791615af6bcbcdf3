/* A dialog that sends one thing and closes: its button and Ctrl+Enter do so once it is ready, and a refusal stands in it. */
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Problem } from "../../../../core/problem.ts";
import { Button } from "../../../components/button.tsx";
import { Dialog } from "../../../components/dialog.tsx";
import { ProblemNote } from "../../../components/page-state.tsx";

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
	problem: ReadonlySignal<Problem | null>;
	send: () => void;
	onClose: () => void;
	children: ComponentChildren;
}) {
	return (
		<Dialog
			title={title}
			wide={wide}
			onClose={onClose}
			onSend={send}
			footer={
				<>
					<Button kind="primary" keys={keys} disabled={!ready || busy.value} onClick={send}>
						{words}
					</Button>
					<Button onClick={onClose}>{leave}</Button>
					{beside !== undefined && <span class="muted">{beside}</span>}
				</>
			}
		>
			{children}
			{problem.value && <ProblemNote problem={problem.value} />}
		</Dialog>
	);
}

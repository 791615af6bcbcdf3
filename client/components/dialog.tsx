/* A dialog over the page: the browser's own modal, so that focus stays in it and comes back. Esc and a press beside it close it, Ctrl+Enter sends what it is for. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "./button.tsx";
import "./dialog.css";

export function Dialog({
	title,
	wide = false,
	onClose,
	onSend,
	children,
	footer,
}: {
	title: string;
	wide?: boolean;
	onClose: () => void;
	/** For a dialog that sends something; it looks itself whether that is ready. */
	onSend?: () => void;
	children: ComponentChildren;
	footer?: ComponentChildren;
}) {
	const element = useRef<HTMLDialogElement>(null);
	useEffect(() => {
		const dialog = element.current;
		const before = document.activeElement;
		dialog?.showModal();
		dialog?.querySelector<HTMLElement>("[data-focus]")?.focus();
		return () => {
			// Who closed it may have moved the focus on already; then it stays there.
			const at = document.activeElement;
			const moved = at !== null && at !== document.body && dialog?.contains(at) !== true;
			dialog?.close();
			const back = moved ? at : before;
			if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
		};
	}, []);
	return (
		<dialog
			ref={element}
			class={`dialog ${wide ? "dialog--wide" : ""}`}
			aria-label={title}
			onCancel={(event) => {
				event.preventDefault();
				onClose();
			}}
			onKeyDown={(event) => {
				if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented || event.repeat)
					return;
				if (!onSend) return;
				event.preventDefault();
				onSend();
			}}
			onMouseDown={(event) => {
				if (event.target === element.current) onClose();
			}}
		>
			<div class="dialog__frame">
				<header class="dialog__head">
					<h2>{title}</h2>
					<Button kind="quiet" size="small" icon="x" label="Close" onClick={onClose} />
				</header>
				<div class="dialog__body">{children}</div>
				{footer !== undefined && <footer class="dialog__foot">{footer}</footer>}
			</div>
		</dialog>
	);
}

/*
 * A button that opens a panel below it. The panel closes with a press beside it, when the focus goes on, and with Escape,
 * which gives the focus back to the button.
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import "./popover.css";

export function Popover({
	name,
	label,
	button,
	children,
}: {
	/** The class of the whole; its button and its panel are `name__button` and `name__panel`. */
	name: string;
	/** What the button is called, of which `button` is the look. */
	label: string;
	button: ComponentChildren;
	children: ComponentChildren;
}) {
	const open = useSignal(false);
	const root = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const close = (event: Event) => {
			if (!root.current?.contains(event.target as Node)) open.value = false;
		};
		document.addEventListener("pointerdown", close);
		return () => document.removeEventListener("pointerdown", close);
	}, [open]);
	return (
		<div
			class={`popover ${name}`}
			ref={root}
			onKeyDown={(event) => {
				if (event.key !== "Escape" || !open.value) return;
				event.preventDefault();
				open.value = false;
				root.current?.querySelector("button")?.focus();
			}}
			onFocusOut={(event) => {
				const to = event.relatedTarget;
				if (to instanceof Node && !root.current?.contains(to)) open.value = false;
			}}
		>
			<button
				type="button"
				class={`popover__button ${name}__button`}
				aria-expanded={open.value}
				aria-label={label}
				onClick={() => {
					open.value = !open.value;
				}}
			>
				{button}
			</button>
			{open.value && <div class={`popover__panel ${name}__panel`}>{children}</div>}
		</div>
	);
}

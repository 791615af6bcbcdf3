import { useComputed, useSignalEffect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { cardOf } from "./focus-unit.ts";
import { useSession } from "./session-context.ts";

/**
 * Exactly one card looks current: the one that the keys are about. The focus of a card goes on with it, and one that
 * comes back to another card (from a dialog that closes, a terminal that is left) is handed on. Whatever else has the
 * focus keeps it.
 */
export function useFocusCurrent(root: RefObject<HTMLElement | null>): void {
	const { control } = useSession();
	const current = useComputed(() => control.current.value?.name);
	useSignalEffect(() => {
		if (current.value === undefined) return;
		// The card of a step that was just added is drawn by then.
		const frame = requestAnimationFrame(() => handOn(current.peek()));
		return () => cancelAnimationFrame(frame);
	});
	useEffect(() => {
		const document = root.current;
		if (!document) return;
		const focused = (event: FocusEvent) => {
			// A press of the mouse puts the focus where it is pressed, and draws no frame.
			if (event.target instanceof Element && event.target.matches(":focus-visible")) handOn(current.peek());
		};
		document.addEventListener("focusin", focused);
		return () => document.removeEventListener("focusin", focused);
	}, [root, current]);
}

function handOn(unit: string | undefined): void {
	const at = document.activeElement;
	if (unit === undefined || !(at instanceof HTMLElement) || !at.matches("[data-unit]") || at.dataset.unit === unit)
		return;
	cardOf(unit)?.focus({ preventScroll: true });
}

import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { type RowWindow, rowWindow } from "./row-window.ts";

/** Follows the window's scrolling: which rows of the list in `element` to draw. `rowHeight` in pixels. */
export function useRowWindow(
	element: RefObject<HTMLElement | null>,
	count: number,
	rowHeight: number,
): ReadonlySignal<RowWindow> {
	const shown = useSignal(rowWindow(count, rowHeight, 0, 2_000));
	useEffect(() => {
		const update = () => {
			const top = element.current?.getBoundingClientRect().top ?? 0;
			const next = rowWindow(count, rowHeight, top, window.innerHeight);
			const now = shown.peek();
			if (next.first !== now.first || next.end !== now.end || next.below !== now.below) shown.value = next;
		};
		update();
		window.addEventListener("scroll", update, { passive: true });
		window.addEventListener("resize", update);
		return () => {
			window.removeEventListener("scroll", update);
			window.removeEventListener("resize", update);
		};
	}, [element, count, rowHeight, shown]);
	return shown;
}

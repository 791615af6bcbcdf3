import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { areCommandsInSight } from "../commands-in-sight.ts";
import { cardOf } from "../focus-unit.ts";

/** Whether what a unit's card would run is in sight, as the page is scrolled and grows. */
export function useCommandsInSight(unit: string): ReadonlySignal<boolean> {
	const inSight = useSignal(true);
	useEffect(() => {
		let frame = 0;
		let watched: Element | null = null;
		const look = () => {
			cancelAnimationFrame(frame);
			frame = requestAnimationFrame(() => {
				const card = cardOf(unit);
				// A long document is drawn bit by bit: its card may come, and be drawn anew.
				if (card && card !== watched) grown.observe(card);
				watched = card;
				inSight.value = card !== null && areCommandsInSight(card);
			});
		};
		const grown = new ResizeObserver(look);
		look();
		window.addEventListener("scroll", look, { passive: true });
		window.addEventListener("resize", look);
		return () => {
			cancelAnimationFrame(frame);
			grown.disconnect();
			window.removeEventListener("scroll", look);
			window.removeEventListener("resize", look);
		};
	}, [unit, inSight]);
	return inSight;
}

import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { areCommandsInSight } from "../commands-in-sight.ts";
import { cardOf } from "../focus-unit.ts";

/** Whether what a unit's card would run is in sight, as the page is scrolled and grows. */
export function useCommandsInSight(unit: string): ReadonlySignal<boolean> {
	const inSight = useSignal(true);
	useEffect(() => {
		const card = cardOf(unit);
		if (!card) return;
		let frame = 0;
		const look = () => {
			cancelAnimationFrame(frame);
			frame = requestAnimationFrame(() => {
				inSight.value = areCommandsInSight(card);
			});
		};
		const grown = new ResizeObserver(look);
		grown.observe(card);
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

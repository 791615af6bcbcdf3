import { useComputed, useSignalEffect } from "@preact/signals";
import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import { clearRoom } from "./clear-room.ts";
import { newestRun } from "./run-moment.ts";
import { useSession } from "./session-context.ts";

/** How long a card may still grow after it has become the one that matters: its plan and the output above it arrive. */
const growsMs = 1_500;

/**
 * When the procedure moves on by itself, what runs or what is next is brought into sight, and kept there while the page
 * still grows. Whoever scrolls, presses or types has the page from then on.
 */
export function useFollowCurrent(root: RefObject<HTMLElement | null>): void {
	const { store, control } = useSession();
	const selector = useComputed(() => {
		const newest = newestRun(store.active.value);
		const step = newest?.status === "started" ? newest.step : undefined;
		if (step !== undefined) return `[data-step="${CSS.escape(step)}"]`;
		const unit = control.current.value?.name;
		return unit === undefined ? null : `[data-unit="${CSS.escape(unit)}"]`;
	});
	const last = useRef<string | null | undefined>(undefined);
	useSignalEffect(() => {
		const wanted = selector.value;
		const before = last.current;
		last.current = wanted;
		// Where one begins is the address's; where one went by hand, the hand's.
		if (wanted === null || wanted === before || before === undefined) return;
		if (control.chosen.peek() !== null && store.active.peek().length === 0) return;
		if (document.activeElement?.closest('[data-keys="all"]')) return;
		// What runs grows until it ends.
		const runs = store.active.peek().length > 0;
		return keepInSight(root.current, wanted, runs ? null : growsMs);
	});
}

/**
 * Brings what the selector finds into sight, its terminal before all, and keeps it there while the page still grows: for
 * so many milliseconds; null is until it is ended. A hand ends it in any case.
 */
export function keepInSight(
	root: Element | null,
	selector: string,
	forMs: number | null = growsMs,
): (() => void) | undefined {
	if (!root) return undefined;
	const show = () => {
		const element = root.querySelector(selector);
		if (!element) return;
		reveal(element);
		const terminal = element.querySelector(".live-terminal");
		if (terminal) reveal(terminal);
	};
	// Two frames on: after what keeps a card in place while others fold has had its word.
	const grown = new ResizeObserver(() => requestAnimationFrame(() => requestAnimationFrame(show)));
	grown.observe(root);
	const handed = ["wheel", "touchmove", "pointerdown", "keydown"] as const;
	const stop = () => {
		clearTimeout(timer);
		grown.disconnect();
		for (const name of handed) window.removeEventListener(name, stop, true);
	};
	const timer = forMs === null ? undefined : setTimeout(stop, forMs);
	for (const name of handed) window.addEventListener(name, stop, { capture: true, passive: true });
	return stop;
}

/** Scrolls as little as needed; of what is taller than the window, its beginning is shown. */
function reveal(element: Element): void {
	const room = clearRoom(16);
	const { top, bottom } = element.getBoundingClientRect();
	if (top < room.top) window.scrollBy({ top: top - room.top, behavior: "instant" });
	else if (bottom > room.bottom) {
		window.scrollBy({ top: Math.min(bottom - room.bottom, top - room.top), behavior: "instant" });
	}
}

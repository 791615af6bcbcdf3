import { clearRoom } from "./clear-room.ts";
import { isShown, type Stretch, scrollToShow } from "./shown-stretch.ts";

/** Whether what a unit's card would run, with its nodes, is in sight now: between the bars, and above what the card has at its foot. */
export function areCommandsInSight(card: Element): boolean {
	return isShown(stretchOf(card), roomOf(card));
}

/** Brings it into sight. */
export function showCommands(card: Element): void {
	window.scrollBy({ top: scrollToShow(stretchOf(card), roomOf(card)), behavior: "instant" });
}

function stretchOf(card: Element): Stretch {
	const blocks = [...card.querySelectorAll("[data-commands]")].map((block) => block.getBoundingClientRect());
	const first = blocks[0];
	const last = blocks.at(-1);
	return first && last ? { top: first.top, bottom: last.bottom } : card.getBoundingClientRect();
}

function roomOf(card: Element): Stretch {
	const { top, bottom } = clearRoom(0);
	const foot = card.querySelector(".unit__foot, .unit-confirm")?.getBoundingClientRect().height ?? 0;
	return { top, bottom: bottom - foot };
}

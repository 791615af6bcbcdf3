import { clearRoom } from "./clear-room.ts";
import { isShown, type Stretch, scrollToShow } from "./shown-stretch.ts";

/** Whether what a unit's card would run, with its nodes, is in sight now: between the bars, and above what the card has at its foot. */
export function areCommandsInSight(card: Element): boolean {
	const list = listOf(card);
	// The question lists all of it: that is what is read, to its end.
	if (list) return list.dataset.read === "true" && isShown(list.getBoundingClientRect(), clearRoom(0));
	return isShown(stretchOf(card), roomOf(card));
}

/** Brings it into sight; of a list that is not read to its end, what comes next. */
export function showCommands(card: Element): void {
	const list = listOf(card);
	if (list) {
		list.scrollIntoView({ block: "nearest" });
		list.scrollBy({ top: list.clientHeight * 0.8, behavior: "instant" });
		return;
	}
	window.scrollBy({ top: scrollToShow(stretchOf(card), roomOf(card)), behavior: "instant" });
}

/** Whether all that a card would run can be in sight at once. */
export function doCommandsFit(card: Element): boolean {
	const { top, bottom } = stretchOf(card);
	const room = roomOf(card);
	return bottom - top <= room.bottom - room.top;
}

function listOf(card: Element): HTMLElement | null {
	return card.querySelector<HTMLElement>("[data-confirm-list]");
}

function stretchOf(card: Element): Stretch {
	// The text that runs, where a block says which it is; what else it tells may stand under the edge.
	const blocks = [...card.querySelectorAll("[data-commands]")]
		.flatMap((block) => {
			const texts = [...block.querySelectorAll("[data-runs]")];
			return texts.length > 0 ? texts : [block];
		})
		.map((block) => block.getBoundingClientRect());
	const first = blocks[0];
	const last = blocks.at(-1);
	return first && last ? { top: first.top, bottom: last.bottom } : card.getBoundingClientRect();
}

function roomOf(card: Element): Stretch {
	const { top, bottom } = clearRoom(0);
	const foot = card.querySelector(".unit__foot, .unit-confirm")?.getBoundingClientRect().height ?? 0;
	return { top, bottom: bottom - foot };
}

import type { Player } from "./player.ts";

/**
 * For a list of places to go to: Space plays and pauses also when one of them has just been pressed, instead of pressing
 * it again. Enter still goes there.
 */
export function spacePlays(player: Pick<Player, "toggle">): {
	onKeyDown(event: KeyboardEvent): void;
	onKeyUp(event: KeyboardEvent): void;
} {
	const isSpace = (event: KeyboardEvent) =>
		event.key === " " && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
	return {
		onKeyDown(event) {
			if (!isSpace(event)) return;
			event.preventDefault();
			if (!event.repeat) player.toggle();
		},
		// A button is pressed by letting Space go.
		onKeyUp(event) {
			if (isSpace(event)) event.preventDefault();
		},
	};
}

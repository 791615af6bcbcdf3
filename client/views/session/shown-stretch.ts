/** A stretch of the window from top to bottom, in CSS pixels from the window's upper edge. */
export interface Stretch {
	top: number;
	bottom: number;
}

/** Half a line's rounding does not hide a command. */
const slack = 3;

/** Whether a stretch is in sight: all of it; of what is taller than the room, enough of it to fill half of the room. */
export function isShown(stretch: Stretch, room: Stretch): boolean {
	const height = stretch.bottom - stretch.top;
	const capacity = Math.max(0, room.bottom - room.top);
	const visible = Math.min(stretch.bottom, room.bottom) - Math.max(stretch.top, room.top);
	return visible >= (height <= capacity ? height - slack : capacity / 2);
}

/** How far the window is to be scrolled down for a stretch to be shown: as little as needed; of what is taller than the room, its beginning. */
export function scrollToShow(stretch: Stretch, room: Stretch): number {
	const above = stretch.top - room.top;
	if (above < 0) return above;
	return Math.max(0, Math.min(stretch.bottom - room.bottom, above));
}

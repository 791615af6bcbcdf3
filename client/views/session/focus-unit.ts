/** The card of a unit, or what holds its place. */
export function cardOf(unit: string): HTMLElement | null {
	return document.querySelector<HTMLElement>(`[data-unit="${CSS.escape(unit)}"]`);
}

/** Puts the focus on a unit's card, so that the keys are about it, and brings it into sight. */
export function focusUnit(name: string): void {
	const card = cardOf(name);
	if (!card) return;
	card.focus({ preventScroll: true });
	const { top, bottom, height } = card.getBoundingClientRect();
	const room = window.innerHeight - 110;
	if (top < 70 || bottom > window.innerHeight - 50) card.scrollIntoView({ block: height > room ? "start" : "nearest" });
	history.replaceState(null, "", `#${encodeURIComponent(name)}`);
}

/** The same for a card that is yet to be drawn, or under a dialog that is yet to go; `frames` is how long it is waited for. */
export function focusUnitSoon(name: string, frames = 60): void {
	requestAnimationFrame(() => {
		const there = cardOf(name)?.matches("article") && !document.querySelector("dialog[open]");
		if (there) focusUnit(name);
		else if (frames > 0) focusUnitSoon(name, frames - 1);
	});
}

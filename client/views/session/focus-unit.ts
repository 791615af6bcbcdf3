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

/**
 * Brings a unit before whoever sits here, once its card is drawn: its question has the keyboard if it asks one, else its
 * card. A hand that types somewhere keeps the keyboard.
 */
export function presentUnit(name: string): void {
	const busy = document.activeElement?.closest('input, textarea, select, [data-keys="all"]');
	if (busy && !cardOf(name)?.contains(busy)) return;
	focusUnitSoon(name, { question: true });
}

/** The same for a card that is yet to be drawn, or under a dialog that is yet to go; `frames` is how long it is waited for. */
export function focusUnitSoon(name: string, { question = false, frames = 60 } = {}): void {
	requestAnimationFrame(() => {
		const card = cardOf(name);
		if (card?.matches("article") && !document.querySelector("dialog[open]")) {
			focusUnit(name);
			if (question) focusQuestion(card);
		} else if (frames > 0) focusUnitSoon(name, { question, frames: frames - 1 });
	});
}

/** Puts the keyboard into what a card asks, if it asks: without a scroll, so that its beginning stays in sight. */
export function focusQuestion(card: Element): void {
	card.querySelector<HTMLElement>("[data-keys-form] :is(input, textarea, select)")?.focus({ preventScroll: true });
}

/** Whether something inside `place` may take the keyboard: no dialog is open, and no hand is in a field or at a button elsewhere. */
export function isKeyboardFree(place: Element): boolean {
	const at = document.activeElement;
	if (document.querySelector("dialog[open]")) return false;
	return at === null || at === document.body || at.matches("[data-unit]") || at.contains(place);
}

/** Puts the keyboard where a running card waits for it: the first field that is not answered, else its terminal. */
export function focusAnswer(card: Element): boolean {
	const fields = [
		...card.querySelectorAll<HTMLInputElement>("[data-keys-form] :is(input:not([type=file]), textarea, select)"),
	];
	const open = fields.find((field) =>
		field.type === "radio"
			? !fields.some((one) => one.name === field.name && one.checked)
			: field.type === "checkbox"
				? !field.checked
				: field.value.trim() === "",
	);
	const to =
		open ??
		card.querySelector<HTMLElement>("[data-keys-form] button[type=submit]") ??
		card.querySelector<HTMLElement>("[data-terminal] .xterm-helper-textarea");
	to?.focus();
	return to !== null;
}

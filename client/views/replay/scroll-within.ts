/** Brings a row into sight by scrolling its list alone: the page must not move while a session plays. */
export function scrollWithin(list: HTMLElement | null, row: Element | null | undefined): void {
	if (!list || !row) return;
	const box = list.getBoundingClientRect();
	const own = row.getBoundingClientRect();
	if (own.top < box.top) list.scrollTop -= box.top - own.top;
	else if (own.bottom > box.bottom) list.scrollTop += own.bottom - box.bottom;
}

/** Where the parts of the page stand one below the other, what was chosen in a list is seen at its top. */
export function showPlayer(): void {
	if (window.matchMedia("(max-width: 61.99rem)").matches) window.scrollTo({ top: 0 });
}

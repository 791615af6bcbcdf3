/** Where a query occurs in a text, as [start, end) pairs that don't overlap. Case is ignored; an empty query occurs nowhere. */
export function findInText(text: string, query: string): [number, number][] {
	const wanted = query.trim().toLowerCase();
	if (wanted === "") return [];
	const folded = text.toLowerCase();
	// Some letters get longer in lower case; then the places would be wrong, and the case counts.
	const [where, what] = folded.length === text.length ? [folded, wanted] : [text, query.trim()];
	const found: [number, number][] = [];
	for (let at = where.indexOf(what); at !== -1; at = where.indexOf(what, at + what.length)) {
		found.push([at, at + what.length]);
	}
	return found;
}

export interface MarkedText {
	text: string;
	marked: boolean;
}

/** Cuts a text at the ranges, in order; ranges outside the text are cut off. */
export function cutAtRanges(text: string, ranges: readonly (readonly [number, number])[]): MarkedText[] {
	const parts: MarkedText[] = [];
	let at = 0;
	for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
		const from = Math.max(at, Math.min(start, text.length));
		const to = Math.min(end, text.length);
		if (to <= from) continue;
		if (from > at) parts.push({ text: text.slice(at, from), marked: false });
		parts.push({ text: text.slice(from, to), marked: true });
		at = to;
	}
	if (at < text.length) parts.push({ text: text.slice(at), marked: false });
	return parts;
}

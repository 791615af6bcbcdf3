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

/**
 * The lines of a text that say most about its matches and one around each, at most `most`: a line with a rare match
 * before one with what occurs everywhere. Ranges are moved along.
 */
export function linesAround(
	text: string,
	ranges: readonly (readonly [number, number])[],
	most: number,
): { text: string; ranges: [number, number][] } {
	const lines = text.split("\n");
	const starts: number[] = [];
	let at = 0;
	for (const line of lines) {
		starts.push(at);
		at += line.length + 1;
	}
	const lineOf = (place: number) => starts.findLastIndex((start) => start <= place);
	const wanted = new Set<number>();
	for (const start of rarestFirst(text, ranges, lineOf)) {
		for (const line of [lineOf(start), lineOf(start) - 1, lineOf(start) + 1]) {
			if (line >= 0 && line < lines.length && wanted.size < most) wanted.add(line);
		}
	}
	if (ranges.length === 0) for (let i = 0; i < Math.min(most, lines.length); i++) wanted.add(i);
	let kept = "";
	const moved: [number, number][] = [];
	for (const line of [...wanted].sort((a, b) => a - b)) {
		if (kept !== "") kept += "\n";
		const from = starts[line] ?? 0;
		const length = lines[line]?.length ?? 0;
		for (const [start, end] of ranges) {
			if (start < from || start >= from + length) continue;
			moved.push([start - from + kept.length, Math.min(end - from, length) + kept.length]);
		}
		kept += lines[line] ?? "";
	}
	return { text: kept, ranges: moved };
}

/** Where matches begin: those in the line with the rarest ones first, else in order. */
function rarestFirst(
	text: string,
	ranges: readonly (readonly [number, number])[],
	lineOf: (place: number) => number,
): number[] {
	const count = new Map<string, number>();
	const said = ([start, end]: readonly [number, number]) => text.slice(start, end).toLowerCase();
	for (const range of ranges) count.set(said(range), (count.get(said(range)) ?? 0) + 1);
	const worth = new Map<number, number>();
	for (const range of ranges) {
		const line = lineOf(range[0]);
		worth.set(line, (worth.get(line) ?? 0) + 1 / (count.get(said(range)) ?? 1));
	}
	const starts = ranges.map(([start]) => start);
	return starts.sort((a, b) => (worth.get(lineOf(b)) ?? 0) - (worth.get(lineOf(a)) ?? 0) || a - b);
}

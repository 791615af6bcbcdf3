/** The whole lines that a selection touches, from `start` to `end` (UTF-16 units); a selection that ends at a line's beginning leaves that line out. */
export function wholeLines(text: string, start: number, end: number): string | null {
	if (end <= start) return null;
	const from = text.lastIndexOf("\n", start - 1) + 1;
	const last = text[end - 1] === "\n" ? end - 1 : end;
	const next = text.indexOf("\n", last);
	const lines = text.slice(from, next === -1 ? text.length : next);
	return lines === "" ? null : lines;
}

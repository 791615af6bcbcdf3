/** Which rows of a long list are drawn, and how much room the others take. Heights in pixels. */
export interface RowWindow {
	first: number;
	/** After the last that is drawn. */
	end: number;
	above: number;
	below: number;
}

/** Rows drawn beyond what is seen, on each side. */
const spare = 8;

/**
 * The rows that are seen of `count` rows of one height: `top` is where the list begins in the window (negative when it
 * is scrolled past), `height` the window's.
 */
export function rowWindow(count: number, rowHeight: number, top: number, height: number): RowWindow {
	const seen = Math.floor(-top / rowHeight);
	const first = Math.min(Math.max(0, seen - spare), Math.max(0, count - 1));
	const end = Math.min(count, Math.max(first, seen + Math.ceil(height / rowHeight) + spare + 1));
	return { first, end, above: first * rowHeight, below: (count - end) * rowHeight };
}

/** Steps that are drawn in one go: a card takes about a millisecond. */
const stepsEach = 8;

/**
 * Cuts a document into the portions that it is drawn in. `known` keeps which item belongs to which, from call to call: an
 * item that comes later belongs to the portion of the one before it, so that no card moves to another portion.
 */
export function cutPortions<T extends { key: string }>(
	items: readonly T[],
	stepsOf: (item: T) => number,
	known: Map<string, number>,
): T[][] {
	const isFirst = known.size === 0;
	const portions: T[][] = [];
	let at = 0;
	let steps = 0;
	for (const item of items) {
		if (isFirst) {
			if (steps >= stepsEach) {
				at += 1;
				steps = 0;
			}
			steps += stepsOf(item);
		} else at = known.get(item.key) ?? at;
		known.set(item.key, at);
		while (portions.length <= at) portions.push([]);
		portions[at]?.push(item);
	}
	return portions;
}

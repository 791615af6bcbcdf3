/**
 * What matches a query, best first: every word of the query must occur; at the start of a word counts more
 * than inside one, earlier more than later. An empty query keeps everything in its order.
 */
export function rankByWords<T>(items: readonly T[], query: string, textOf: (item: T) => string): T[] {
	const words = query.toLowerCase().split(/\s+/).filter(Boolean);
	if (words.length === 0) return [...items];
	const scored: { item: T; score: number }[] = [];
	for (const item of items) {
		const text = textOf(item).toLowerCase();
		let score = 0;
		for (const word of words) {
			const at = text.indexOf(word);
			if (at === -1) {
				score = -1;
				break;
			}
			const starts = new RegExp(`(^|[^\\p{L}\\p{N}])${escapePattern(word)}`, "u").test(text);
			score += (starts ? 1000 : 100) - Math.min(at, 99);
		}
		if (score >= 0) scored.push({ item, score });
	}
	return scored.sort((a, b) => b.score - a.score).map(({ item }) => item);
}

function escapePattern(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

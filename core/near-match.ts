/**
 * The known word that a written one is probably a misspelling of, or null: the same apart from letter case, `-` and `_`,
 * one edit away, or two for words of six letters and more (Damerau-Levenshtein, neighbours swapped count as one).
 */
export function nearMatch(written: string, known: Iterable<string>): string | null {
	const fold = (word: string) => word.toLowerCase().replace(/[-_]/g, "");
	const folded = fold(written);
	let best: string | null = null;
	let bestDistance = Number.POSITIVE_INFINITY;
	for (const word of known) {
		const candidate = fold(word);
		const allowed =
			Math.min(candidate.length, folded.length) >= 6 ? 2 : Math.min(candidate.length, folded.length) >= 4 ? 1 : 0;
		const distance = editDistance(folded, candidate);
		if (distance <= allowed && distance < bestDistance) {
			best = word;
			bestDistance = distance;
		}
	}
	return best;
}

function editDistance(a: string, b: string): number {
	if (Math.abs(a.length - b.length) > 2) return 3;
	let before: number[] = [];
	let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1];
			let cost = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1));
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
				cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
			row.push(cost);
		}
		before = previous;
		previous = row;
	}
	return previous[b.length] ?? 0;
}

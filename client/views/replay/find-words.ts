import { findInText } from "./find-in-text.ts";

/**
 * What a query asks for, as the server's search takes it: each word, and what stands in quotes as it stands. What has
 * neither a letter nor a digit is no word.
 */
export function wordsOfQuery(query: string): string[] {
	const phrases = query.match(/"[^"]*"|[^\s"]+/g) ?? [];
	return phrases.map((phrase) => phrase.replaceAll('"', "").trim()).filter((phrase) => /[\p{L}\p{N}]/u.test(phrase));
}

const inWord = /[\p{L}\p{N}]/u;

/** Where a query's words occur in a text, each as the beginning of a word, as [start, end) pairs in order that don't overlap. */
export function findWords(text: string, query: string): [number, number][] {
	const found: [number, number][] = [];
	for (const word of wordsOfQuery(query)) {
		for (const range of findInText(text, word)) {
			const before = text.charAt(range[0] - 1);
			if (inWord.test(word.charAt(0)) && before !== "" && inWord.test(before)) continue;
			found.push(range);
		}
	}
	found.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
	let end = 0;
	return found.filter(([from, to]) => {
		if (from < end) return false;
		end = to;
		return true;
	});
}

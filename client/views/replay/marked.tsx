/* A text with the words that are looked for marked in it. */
import { cutAtRanges } from "./find-in-text.ts";
import { findWords } from "./find-words.ts";

export function Marked({ text, query }: { text: string; query: string }) {
	const ranges = findWords(text, query);
	if (ranges.length === 0) return text;
	return (
		<>{cutAtRanges(text, ranges).map((part, i) => (part.marked ? <mark key={i}>{part.text}</mark> : part.text))}</>
	);
}

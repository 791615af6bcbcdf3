import type { SearchHit } from "../../core/protocol.ts";

/** Around a match, which the marks enclose; neither can stand in a text, whose control characters are removed. */
export const mark = { start: "\u0002", end: "\u0003" };
/** A snippet has so many words, and so many characters at most where its words are long. */
const snippetWords = 32;
const snippetCharacters = 1000;

/** A text and where its matches stand in it, [start, end). */
type Matched = Pick<SearchHit, "snippet" | "matches">;

/**
 * Those words of a passage, whose matches are marked, in which the most different matches stand. The index's own
 * `snippet` is not used: what it costs grows with the square of the matches in the passage, which may be thousands.
 */
export function snippetOf(marked: string): Matched {
	const { snippet: text, matches } = unmarked(marked);
	const words = [...text.matchAll(/[\p{L}\p{N}]+/gu)].map(({ index, 0: word }) => ({
		from: index,
		to: index + word.length,
	}));
	const within = new Map<string, number>();
	const matched = (index: number) => text.slice(...matches[index]!).toLowerCase();
	let best = { first: 0, at: 0, kinds: 0 };
	let word = 0;
	let next = 0;
	for (let first = 0; first < matches.length; first++) {
		while (word < words.length && words[word]!.to <= matches[first]![0]) word++;
		const end = words[word + snippetWords]?.from ?? text.length;
		for (; next < matches.length && matches[next]![0] < end; next++) {
			within.set(matched(next), (within.get(matched(next)) ?? 0) + 1);
		}
		if (within.size > best.kinds) best = { first: word, at: matches[first]![0], kinds: within.size };
		const left = (within.get(matched(first)) ?? 0) - 1;
		if (left > 0) within.set(matched(first), left);
		else within.delete(matched(first));
	}
	// A few words before the match say what it is about; at the end of the text there are more of them.
	const first = Math.max(0, Math.min(best.first - (best.kinds > 1 ? 0 : 8), words.length - snippetWords));
	const from = Math.max(first === 0 ? 0 : words[first]!.from, best.at - snippetCharacters / 2);
	const last = words[first + snippetWords];
	const to = Math.min(last ? words[first + snippetWords - 1]!.to : text.length, from + snippetCharacters);
	const before = from > 0 ? "…" : "";
	return {
		snippet: `${before}${text.slice(from, to)}${to < text.length ? "…" : ""}`,
		matches: matches
			.filter(([start, end]) => start >= from && end <= to)
			.map(([start, end]) => [start - from + before.length, end - from + before.length]),
	};
}

function unmarked(marked: string): Matched {
	const matches: [number, number][] = [];
	const parts = marked.split(/[\u0002\u0003]/);
	let length = 0;
	// Marks come in pairs: every second part is a match.
	for (const [index, part] of parts.entries()) {
		if (index % 2 === 1) matches.push([length, length + part.length]);
		length += part.length;
	}
	return { snippet: parts.join(""), matches };
}

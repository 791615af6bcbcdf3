/* Text around a hit with the hit marked by its ranges: always text, never markup. */
import { cutAtRanges, linesAround } from "../replay/find-in-text.ts";
import "./marked-snippet.css";

const mostLines = 4;

export function MarkedSnippet({ text, ranges }: { text: string; ranges: readonly (readonly [number, number])[] }) {
	const around = linesAround(text, ranges, mostLines);
	return (
		<span class="snippet mono">
			{cutAtRanges(around.text, around.ranges).map((part, i) =>
				part.marked ? <mark key={i}>{part.text}</mark> : part.text,
			)}
		</span>
	);
}

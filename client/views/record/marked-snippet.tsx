/* Text around a hit with the hit marked by its ranges: always text, never markup. */
import { cutAtRanges } from "../replay/find-in-text.ts";
import "./marked-snippet.css";

export function MarkedSnippet({ text, ranges }: { text: string; ranges: readonly (readonly [number, number])[] }) {
	return (
		<span class="snippet mono">
			{cutAtRanges(text, ranges).map((part, i) => (part.marked ? <mark key={i}>{part.text}</mark> : part.text))}
		</span>
	);
}

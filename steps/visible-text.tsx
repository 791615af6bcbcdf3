import { hiddenCharacter } from "../core/hidden-character.ts";
import "./visible-text.css";

/** A text in which what can't be seen stands as its name, e.g. `U+202E`: nobody must confirm another text than they read. */
export function VisibleText({ text }: { text: string }) {
	const parts: (string | { hidden: string })[] = [];
	let seen = "";
	// A carriage return before a newline is only the end of a line.
	for (const char of text.replace(/\r\n/g, "\n")) {
		const hidden = hiddenCharacter(char);
		if (hidden === null) seen += char;
		else {
			parts.push(seen, { hidden });
			seen = "";
		}
	}
	parts.push(seen);
	return (
		<>
			{parts.map((part, i) =>
				typeof part === "string" ? (
					part
				) : (
					<span key={i} class="hidden-character" title="An invisible or direction-changing character">
						{part.hidden}
					</span>
				),
			)}
		</>
	);
}

import { hiddenCharacter } from "../../core/hidden-character.ts";
import { type Problem, problem, type SourcePlace } from "../../core/problem.ts";

/** Nobody mends more lines than this one by one. */
const maxTold = 100;

/** One problem a line, for the first 100 lines of `text` that hold hidden characters. `place` is where the text's first line begins. */
export function findHiddenCharacters(text: string, place: SourcePlace): Problem[] {
	const problems: Problem[] = [];
	for (const [index, line] of text.split("\n").entries()) {
		if (problems.length === maxTold) break;
		let column = index === 0 ? place.column : 1;
		for (const char of line.endsWith("\r") ? line.slice(0, -1) : line) {
			const name = hiddenCharacter(char);
			if (name !== null) {
				const detail = `There is an invisible or direction-changing character, ${name}, in this line.`;
				problems.push(
					problem("bidi-characters", detail, { at: { file: place.file, line: place.line + index, column } }),
				);
				break;
			}
			column += char.length;
		}
	}
	return problems;
}

/** Whether the character makes one picture of emoji with the one before it: nothing hides there. */
function isEmojiPart(char: string, before: string): boolean {
	if (char === "\u200d") return /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f/u.test(before);
	return (char === "\ufe0e" || char === "\ufe0f") && /\p{Extended_Pictographic}|[0-9#*]/u.test(before);
}

/**
 * The problem of a text as it was decoded (`"\u202E"` in YAML and JSON, `&#x202E;` in Markdown), or null. Texts for people
 * may hold emoji of several characters, commands may not. `place` is the text's, as places in it are not those in the source.
 */
export function findHiddenInText(text: string, place: SourcePlace): Problem | null {
	let before = "";
	for (const char of text) {
		const name = hiddenCharacter(char);
		if (name !== null && char !== "\r" && !isEmojiPart(char, before)) {
			return problem(
				"bidi-characters",
				`There is an invisible or direction-changing character, ${name}, in this text.`,
				{ at: place },
			);
		}
		before = char;
	}
	return null;
}

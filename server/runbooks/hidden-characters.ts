import { type Problem, problem, type SourcePlace } from "../../core/problem.ts";

/**
 * Bidirectional controls, zero-width and other invisible characters, tags, and control characters but tab and newline:
 * a command that holds one is not the command that is seen (https://trojansource.codes). First and last of each range.
 */
const hiddenRanges: readonly (readonly [number, number])[] = [
	[0x00, 0x08],
	[0x0b, 0x1f],
	[0x7f, 0x9f],
	[0xad, 0xad],
	[0x34f, 0x34f],
	[0x61c, 0x61c],
	[0x115f, 0x1160],
	[0x17b4, 0x17b5],
	[0x180b, 0x180f],
	[0x200b, 0x200f],
	[0x2028, 0x202e],
	[0x2060, 0x206f],
	[0x3164, 0x3164],
	[0xfe00, 0xfe0f],
	[0xfeff, 0xfeff],
	[0xffa0, 0xffa0],
	[0xfff9, 0xfffb],
	[0xe0000, 0xe0fff],
];

function isHidden(code: number): boolean {
	return hiddenRanges.some(([first, last]) => code >= first && code <= last);
}

/** Nobody mends more lines than this one by one. */
const maxTold = 100;

/** One problem a line, for the first 100 lines of `text` that holds hidden characters. `place` is where the text's first line begins. */
export function findHiddenCharacters(text: string, place: SourcePlace): Problem[] {
	const problems: Problem[] = [];
	for (const [index, line] of text.split("\n").entries()) {
		if (problems.length === maxTold) break;
		let column = index === 0 ? place.column : 1;
		for (const char of line.endsWith("\r") ? line.slice(0, -1) : line) {
			const code = char.codePointAt(0) ?? 0;
			if (isHidden(code)) {
				const detail = `There is an invisible or direction-changing character, ${nameOf(code)}, in this line.`;
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
		const code = char.codePointAt(0) ?? 0;
		if (isHidden(code) && code !== 0x0d && !isEmojiPart(char, before)) {
			return problem(
				"bidi-characters",
				`There is an invisible or direction-changing character, ${nameOf(code)}, in this text.`,
				{ at: place },
			);
		}
		before = char;
	}
	return null;
}

function nameOf(code: number): string {
	return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

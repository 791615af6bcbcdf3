import { type Problem, problem, type SourcePlace } from "../../core/problem.ts";

// Bidirectional controls, zero-width and other invisible characters, tags, and control characters but tab and newline:
// a command that holds one is not the command that is seen (https://trojansource.codes).
const hidden =
	/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF9-\uFFFB]|[\u{E0000}-\u{E0FFF}]/u;

/** One problem a line of `text` that holds hidden characters. `place` is where the text's first line begins. */
export function findHiddenCharacters(text: string, place: SourcePlace): Problem[] {
	const problems: Problem[] = [];
	text.split("\n").forEach((line, index) => {
		const match = hidden.exec(line.endsWith("\r") ? line.slice(0, -1) : line);
		if (!match) return;
		const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
		problems.push(
			problem("bidi-characters", `There is an invisible or direction-changing character, U+${code}, in this line.`, {
				at: { file: place.file, line: place.line + index, column: (index === 0 ? place.column : 1) + match.index },
			}),
		);
	});
	return problems;
}

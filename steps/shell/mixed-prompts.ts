import { type Problem, problem } from "../../core/problem.ts";
import { promptOf, stripPrompts } from "./prompts.ts";

/** More lines than this are not named one by one. */
const mostNamed = 3;

/**
 * What is wrong with a listing that a person has just written in place of `before`, or null. In a file a line without a
 * prompt is the output of the command above it; from somebody who writes what is to run next it is a command that would
 * silently not be run. Output that was there before stays, and a comment runs nowhere.
 */
export function mixedPrompts(body: string, before: string): Problem | null {
	const listing = stripPrompts(body);
	if (!listing.prompts) return stripPrompts(before).prompts ? lostPrompt(body) : null;
	const known = countOf(unrunLines(before).map(({ text }) => text));
	const added = unrunLines(body).filter(({ text }) => {
		const left = known.get(text) ?? 0;
		known.set(text, left - 1);
		return left <= 0;
	});
	if (added.length === 0) return null;
	const named = added.slice(0, mostNamed).map(({ line, text }) => `line ${line}, \`${cut(text)}\``);
	if (added.length > mostNamed) named.push(`${added.length - mostNamed} more`);
	const [is, none] =
		added.length === 1
			? ["A line has", "is taken for output and would"]
			: ["Lines have", "are taken for output and would"];
	return problem(
		"prompts-mixed",
		`${is} no prompt while others have one, so ${added.length === 1 ? "it" : "they"} ${none} not run: ${named.join("; ")}.`,
		{
			data: { lines: added.map(({ line }) => line) },
		},
	);
}

/** A listing whose first line has lost its prompt is a script: the prompts of the others would be sent. */
function lostPrompt(body: string): Problem | null {
	const at = body.split("\n").findIndex((line) => promptOf(line) !== null);
	if (at < 0) return null;
	const text = body.split("\n")[at] ?? "";
	return problem(
		"prompts-mixed",
		`The first line has no prompt, so all of it is run as it stands, the prompt of line ${at + 1} with it: \`${cut(text)}\`.`,
		{ data: { lines: [at + 1] } },
	);
}

/** The lines of a listing that are not run; none of a script. */
function unrunLines(body: string): { line: number; text: string }[] {
	const { prompts, places } = stripPrompts(body);
	if (!prompts) return [];
	const run = new Set(places.map(({ line }) => line));
	return body
		.split("\n")
		.map((text, index) => ({ line: index + 1, text: text.trim() }))
		.filter(({ line, text }) => !run.has(line) && text !== "" && !text.startsWith("#"));
}

function countOf(texts: readonly string[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
	return counts;
}

function cut(text: string): string {
	return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

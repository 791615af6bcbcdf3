/** A listing without its prompts: what was typed, and where each of its lines stands in the block (from 1). */
export interface Listing {
	script: string;
	places: { line: number; column: number }[];
}

const prompt = /^\s*(?:\[?[\w.-]+@[\w.-]+[^$#%]{0,40}\]?)?[$%]\s+/;
const rootPrompt = /^\s*\[?root@[\w.-]+[^$#%]{0,40}\]?#\s+/;

/**
 * Reads a listing of a terminal, as `console` blocks and many READMEs have it: when the first line that is neither blank
 * nor a comment begins with `$ `, only the lines with a prompt (and their continuations) were typed; the rest is output.
 * Anything else is a script and stays as it is.
 */
export function stripPrompts(body: string): Listing {
	const lines = body.split("\n");
	const first = lines.find((line) => line.trim() !== "" && !/^\s*#(?:\s|$|!)/.test(line));
	if (first === undefined || !(prompt.test(first) || rootPrompt.test(first))) {
		return { script: body, places: lines.map((_, index) => ({ line: index + 1, column: 1 })) };
	}
	const typed: string[] = [];
	const places: Listing["places"] = [];
	let continues: "no" | "backslash" | "open" = "no";
	let hereDelimiter: string | null = null;
	lines.forEach((line, index) => {
		const match = prompt.exec(line) ?? rootPrompt.exec(line);
		let text: string;
		let column = 1;
		if (continues !== "no") {
			const secondary = /^\s*> ?/.exec(line);
			text = secondary ? line.slice(secondary[0].length) : line;
			column = secondary ? secondary[0].length + 1 : 1;
		} else if (match) {
			text = line.slice(match[0].length);
			column = match[0].length + 1;
		} else return;
		typed.push(text);
		places.push({ line: index + 1, column });
		if (hereDelimiter !== null) {
			if (text.trim() === hereDelimiter) hereDelimiter = null;
			continues = hereDelimiter === null ? "no" : "open";
			return;
		}
		hereDelimiter = /<<-?\s*['"]?(\w+)['"]?/.exec(text)?.[1] ?? null;
		if (hereDelimiter !== null) continues = "open";
		else continues = /(?:^|[^\\])(?:\\\\)*\\$/.test(text) ? "backslash" : "no";
	});
	return { script: typed.join("\n"), places };
}

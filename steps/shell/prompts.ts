import { type HereDocument, TypedLines } from "./typed-line.ts";

/** A listing without its prompts: what was typed, and where each of its lines stands in the block (from 1). */
export interface Listing {
	script: string;
	places: { line: number; column: number }[];
	/** Whether it is a listing; else all of it is a script. */
	prompts: boolean;
}

const prompt = /^\s*(?:\[?[\w.-]+@[\w.-]+[^$#%]{0,40}\]?)?[$%]\s+/;
const rootPrompt = /^\s*\[?root@[\w.-]+[^$#%]{0,40}\]?#\s+/;

/** The prompt that a line begins with, its spaces included; null when it has none. */
export function promptOf(line: string): string | null {
	return (prompt.exec(line) ?? rootPrompt.exec(line))?.[0] ?? null;
}

/**
 * Reads a listing of a terminal, as `console` blocks and many READMEs have it: when the first line that is neither blank
 * nor a comment begins with `$ `, only the lines with a prompt (and their continuations) were typed; the rest is output.
 * Anything else is a script and stays as it is.
 */
export function stripPrompts(body: string): Listing {
	const lines = body.split("\n");
	const first = lines.find((line) => line.trim() !== "" && !/^\s*#(?:\s|$|!)/.test(line));
	if (first === undefined || promptOf(first) === null) {
		return { script: body, places: lines.map((_, index) => ({ line: index + 1, column: 1 })), prompts: false };
	}
	const typed: string[] = [];
	const places: Listing["places"] = [];
	const reader = new TypedLines();
	let heres: HereDocument[] = [];
	let continues = false;
	lines.forEach((line, index) => {
		const begun = promptOf(line);
		let text: string;
		let column = 1;
		if (continues || heres.length > 0) {
			const secondary = /^\s*> ?/.exec(line);
			text = secondary ? line.slice(secondary[0].length) : line;
			column = secondary ? secondary[0].length + 1 : 1;
		} else if (begun !== null) {
			text = line.slice(begun.length);
			column = begun.length + 1;
		} else return;
		typed.push(text);
		places.push({ line: index + 1, column });
		const here = continues ? undefined : heres[0];
		if (here !== undefined) {
			if ((here.stripTabs ? text.replace(/^\t+/, "") : text) === here.delimiter) heres = heres.slice(1);
			return;
		}
		const read = reader.read(text);
		// The bodies begin where the line really ends.
		heres = [...heres, ...read.heres];
		continues = read.backslash;
	});
	return { script: typed.join("\n"), places, prompts: true };
}

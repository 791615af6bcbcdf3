import { type Problem, problem, type SourcePlace } from "../../core/problem.ts";
import { findHiddenInText } from "./hidden-characters.ts";

/** The info string of a fenced block: its first word, and its attributes. */
export interface FenceInfo {
	/** Lower case; empty when there is none. */
	word: string;
	attributes: Record<string, string>;
	/** Bare words after the first, e.g. `ignore`. */
	flags: string[];
	/** Whether any attribute was written, in whatever dialect. */
	annotated: boolean;
	problems: Problem[];
	/** The column of an attribute's value; of its key when that is asked for, or the value is not found as written. */
	columnOf(key: string, part?: "key"): number;
}

const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);

/** Of one block. */
const maxAttributes = 100;

/**
 * Reads an info string. Dialects: one flat JSON object (what is written, and what Runme writes); Runme's own looser grammar,
 * from the first `{` to the first `}`, `key=value` split at single spaces (its `pkg/document/attributes.go`);
 * Pandoc's `{.word #name key="b c"}`; bare `key="value"`. What other tools put there (`{1,3-5}`, `showLineNumbers`) is not ours and no problem.
 * `place` is where the info string begins.
 */
export function readFenceInfo(info: string, place: SourcePlace): FenceInfo {
	const problems: Problem[] = [];
	const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
	const flags: string[] = [];
	const at = (offset: number): SourcePlace => ({ ...place, column: place.column + offset });

	const brace = info.indexOf("{");
	const head = (brace === -1 ? info : info.slice(0, brace)).trim();
	let word = head.split(/\s+/)[0] ?? "";
	if (/[="']/.test(word)) word = "";

	let taken = 0;
	const take = (key: string, value: string, offset: number) => {
		if (++taken > maxAttributes) {
			if (taken === maxAttributes + 1)
				problems.push(
					problem("attributes-invalid", `There are more than ${maxAttributes} attributes.`, { at: at(offset) }),
				);
			return;
		}
		if (forbiddenKeys.has(key)) {
			problems.push(problem("forbidden-key", `A block can't have an attribute \`${key}\`.`, { at: at(offset) }));
			return;
		}
		const hidden = findHiddenInText(`${key} ${value}`, at(Math.max(0, offset)));
		if (hidden) problems.push(hidden);
		else attributes[key] = value;
	};

	if (brace !== -1) {
		const json = readJsonObject(info, brace);
		if (json !== null && "error" in json) {
			problems.push(problem("attributes-invalid", json.error, { at: at(json.offset) }));
		} else if (json !== null) {
			for (const [key, value] of json.entries) take(key, value, info.indexOf(`"${key}"`, brace));
			readBare(info.slice(json.end), take, flags, json.end);
		} else {
			const close = info.indexOf("}", brace);
			if (close === -1) {
				problems.push(problem("attributes-invalid", "The attributes have no closing `}`.", { at: at(brace) }));
			} else {
				readBare(info.slice(brace + 1, close), take, flags, brace + 1);
				const pandoc = flags.find((flag) => flag.startsWith("."));
				if (word === "" && pandoc) word = pandoc.slice(1);
				const named = flags.find((flag) => flag.startsWith("#") && flag.length > 1);
				if (named && attributes.name === undefined) attributes.name = named.slice(1);
			}
		}
	}
	const rest = head.slice(word.length);
	readBare(rest, take, flags, info.indexOf(head) + word.length);

	return {
		word: word.toLowerCase(),
		attributes: { ...attributes },
		flags: flags.map((flag) => flag.replace(/^\./, "")),
		annotated: Object.keys(attributes).length > 0,
		problems,
		columnOf(key, part) {
			const value = attributes[key];
			const json =
				value === undefined
					? -1
					: info.indexOf(JSON.stringify(value).slice(1, -1), Math.max(0, info.indexOf(key) + key.length));
			if (part !== "key" && value !== undefined && value !== "" && json !== -1) return place.column + json;
			return place.column + Math.max(0, info.indexOf(key));
		},
	};
}

type JsonObjectRead = { entries: [string, string][]; end: number } | { error: string; offset: number };

/**
 * Reads the JSON object that begins at `start`; null when the text is not meant as JSON. Ends at the brace that closes it,
 * also when a value holds `}`; failing that, at the first `}`, as Runme does.
 */
function readJsonObject(info: string, start: number): JsonObjectRead | null {
	if (!/^\{\s*(?:"|\})/.test(info.slice(start))) return null;
	const end = endOfObject(info, start);
	let text = info.slice(start, end);
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch (error) {
		const first = info.indexOf("}", start) + 1;
		try {
			text = info.slice(start, first);
			parsed = JSON.parse(text);
		} catch {
			const reason = error instanceof Error ? error.message : "";
			const offset = Number(/position (\d+)/.exec(reason)?.[1] ?? 0);
			return {
				error: `The attributes are not valid JSON: ${reason.replace(/ in JSON.*$/, "")}.`,
				offset: start + offset,
			};
		}
	}
	if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
		return { error: "The attributes are not an object.", offset: start };
	if (Object.keys(parsed).length > maxAttributes)
		return { error: `There are more than ${maxAttributes} attributes.`, offset: start };
	const entries: [string, string][] = [];
	for (const [key, value] of Object.entries(parsed)) {
		if (typeof value === "object" && value !== null) {
			return {
				error: `\`${key}\` holds a list or an object; longer configuration goes into the front matter's \`steps\`.`,
				offset: Math.max(start, info.indexOf(`"${key}"`, start)),
			};
		}
		entries.push([key, value === null ? "" : String(value)]);
	}
	const seen = new Set<string>();
	const repeated = entriesOf(text).find((key) => seen.size === seen.add(key).size);
	if (repeated !== undefined) {
		return { error: `\`${repeated}\` is there twice.`, offset: info.lastIndexOf(`"${repeated}"`) };
	}
	return { entries, end: start + text.length };
}

/** The keys of a flat JSON object as written, repeated ones too. */
function entriesOf(text: string): string[] {
	return [...text.matchAll(/(?:^\{|,)\s*"((?:[^"\\]|\\.)*)"\s*:/g)].map((match) => match[1] ?? "");
}

function endOfObject(info: string, start: number): number {
	let depth = 0;
	let inString = false;
	for (let i = start; i < info.length; i++) {
		const char = info[i];
		if (inString) {
			if (char === "\\") i++;
			else if (char === '"') inString = false;
		} else if (char === '"') inString = true;
		else if (char === "{") depth++;
		else if (char === "}" && --depth === 0) return i + 1;
	}
	return info.length;
}

function readBare(
	text: string,
	take: (key: string, value: string, offset: number) => void,
	flags: string[],
	start: number,
): void {
	for (const match of text.matchAll(/([A-Za-z_][\w./-]*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S*))|(\S+)/g)) {
		const [, key, double, single, plain, flag] = match;
		if (flag !== undefined) flags.push(flag);
		else if (key !== undefined) {
			take(key, double?.replace(/\\(["\\])/g, "$1") ?? single ?? plain ?? "", start + match.index);
		}
	}
}

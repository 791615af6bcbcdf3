import { type Document, isAlias, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { type Problem, problem, type SourcePlace } from "../../core/problem.ts";
import { findHiddenInText } from "./hidden-characters.ts";

/*
 * gray-matter is not used: it chooses an engine by the word after `---` (and evaluates JavaScript for `js`), looks that word up
 * on an object with a prototype, and remembers malformed sources as empty ones. Finding two lines of dashes needs no library.
 */

/** The front matter of a Markdown file, and the file without it. */
export interface FrontMatter {
	/** The fields; empty when there is no front matter or it has problems. */
	fields: JsonObject;
	/** The source with the front matter's lines blank, so that every line keeps its number. Null when nothing may read it. */
	body: string | null;
	problems: Problem[];
	/**
	 * Where a field stands, e.g. `placeOf(["parameters", "cluster"])`: its value (or its key), or the nearest part that there is.
	 * Given names of no field, the front matter's beginning.
	 */
	placeOf(path: readonly (string | number)[], part?: "key"): SourcePlace;
}

/** Front matter is configuration, not content. */
const maxBytes = 64 * 1024;
const maxDepth = 12;
const maxAliases = 20;
const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);

/** Takes the front matter off a source and reads it. Any word after the opening dashes is refused before anything reads it. */
export function readFrontMatter(source: string, file: string): FrontMatter {
	const start: SourcePlace = { file, line: 1, column: 1 };
	const none = (body: string | null, problems: Problem[] = []): FrontMatter => ({
		fields: {},
		body,
		problems,
		placeOf: () => start,
	});
	const lineEnd = source.indexOf("\n");
	const first = (lineEnd === -1 ? source : source.slice(0, lineEnd)).replace(/\r$/, "");
	const opening = /^---(?!-)[ \t]*(.*)$/.exec(first);
	if (!opening) return none(source);
	const word = (opening[1] ?? "").trim();
	if (word !== "") {
		return none(null, [
			problem("front-matter-language", `The front matter begins with \`${first.slice(0, 60)}\`.`, {
				at: { file, line: 1, column: first.indexOf(word) + 1 },
			}),
		]);
	}
	const lines = source.split("\n");
	const close = lines.findIndex((line, index) => index > 0 && /^(?:---|\.\.\.)[ \t]*\r?$/.test(line));
	if (close === -1) {
		// A document may begin with a rule; only what looks like a field says that front matter was meant.
		if (!/^[A-Za-z_][\w-]*[ \t]*:/.test(lines[1] ?? "")) return none(source);
		return none(null, [problem("front-matter-invalid", "The front matter has no closing `---`.", { at: start })]);
	}
	const body = lines.map((line, index) => (index <= close ? "" : line)).join("\n");
	const text = lines.slice(1, close).join("\n");
	const read = readYaml(text, file);
	return { ...read, body };
}

function readYaml(text: string, file: string): Omit<FrontMatter, "body"> {
	const counter = new LineCounter();
	const place = (offset: number): SourcePlace => {
		const { line, col } = counter.linePos(offset);
		return { file, line: Math.max(1, line) + 1, column: Math.max(1, col) };
	};
	const failed = (problems: Problem[]): Omit<FrontMatter, "body"> => ({
		fields: {},
		problems,
		placeOf: () => ({ file, line: 2, column: 1 }),
	});
	const limit = (detail: string, at: SourcePlace) => failed([problem("front-matter-limit", detail, { at })]);
	if (Buffer.byteLength(text) > maxBytes) {
		return limit(`The front matter is larger than ${maxBytes} bytes.`, { file, line: 2, column: 1 });
	}
	const deep = tooDeep(text);
	if (deep !== null) return limit(`The front matter is nested more than ${maxDepth} levels deep.`, { file, ...deep });

	const document = parseDocument(text, {
		lineCounter: counter,
		prettyErrors: false,
		strict: true,
		uniqueKeys: true,
		schema: "core",
		merge: false,
	});
	// An unknown tag is only a warning to the library; nothing with a tag is wanted here.
	const wrong = [...document.errors, ...document.warnings].slice(0, 10);
	if (wrong.length > 0) {
		return failed(
			wrong.map((error) =>
				problem("front-matter-invalid", `${error.message.split("\n")[0]?.replace(/[.:]?$/, "")}.`, {
					at: place(error.pos[0]),
				}),
			),
		);
	}
	const problems = inspect(document, place).slice(0, 100);
	if (problems.length > 0) return failed(problems);
	if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
		return failed([]);
	if (!isMap(document.contents)) {
		return failed([
			problem("front-matter-invalid", "The front matter is not a list of fields.", {
				at: place(document.contents.range?.[0] ?? 0),
			}),
		]);
	}
	let fields: JsonObject;
	try {
		fields = toJson(document.toJS({ maxAliasCount: maxAliases })) as JsonObject;
	} catch (error) {
		return limit(
			`The aliases of the front matter expand too far: ${error instanceof Error ? error.message : ""}.`,
			place(0),
		);
	}
	return {
		fields,
		problems: [],
		placeOf(path, part) {
			const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
			if (part === "key" && isMap(parent)) {
				const key = parent.items.find(
					(pair) => isScalar(pair.key) && String(pair.key.value) === String(path.at(-1)),
				)?.key;
				if (isScalar(key) && key.range) return place(key.range[0]);
			}
			for (let length = path.length; length > 0; length--) {
				const node = document.getIn(path.slice(0, length), true);
				if (!isNode(node) || !node.range) continue;
				// Inside the quotes, so that an offset into the text is a column.
				const quoted = isScalar(node) && (node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE");
				return place(node.range[0] + (quoted ? 1 : 0));
			}
			return place(document.contents?.range?.[0] ?? 0);
		},
	};
}

/** Depth by brackets and by indentation, before a recursive parser sees the text. */
function tooDeep(text: string): { line: number; column: number } | null {
	let depth = 0;
	const lines = text.split("\n");
	for (const [index, line] of lines.entries()) {
		for (let i = 0; i < line.length; i++) {
			const char = line[i];
			if (char === "[" || char === "{") depth++;
			else if (char === "]" || char === "}") depth = Math.max(0, depth - 1);
			// Brackets in quoted text count too: more than this many is not what people write.
			if (depth > maxDepth * 4) return { line: index + 2, column: i + 1 };
		}
		const dashes = /^\s*((?:[-?]\s+)+)/.exec(line)?.[1]?.replace(/\s/g, "").length ?? 0;
		if (dashes > maxDepth) return { line: index + 2, column: 1 };
	}
	return null;
}

/** Depth, aliases, forbidden keys and hidden characters. */
function inspect(document: Document.Parsed, place: (offset: number) => SourcePlace): Problem[] {
	const problems: Problem[] = [];
	let aliases = 0;
	visit(document, {
		Node(_key, node, path) {
			// Every level of a mapping is two steps of the path: the map and the pair.
			const depth = path.filter((part) => isNode(part)).length;
			if (depth > maxDepth) {
				problems.push(
					problem("front-matter-limit", `The front matter is nested more than ${maxDepth} levels deep.`, {
						at: place(node.range?.[0] ?? 0),
					}),
				);
				return visit.BREAK;
			}
			if (isAlias(node) && path.some((part) => isNode(part) && "anchor" in part && part.anchor === node.source)) {
				problems.push(
					problem("front-matter-limit", `The alias \`*${node.source}\` stands inside of what it stands for.`, {
						at: place(node.range?.[0] ?? 0),
					}),
				);
				return visit.BREAK;
			}
			if (isAlias(node) && ++aliases > maxAliases) {
				problems.push(
					problem("front-matter-limit", `The front matter uses more than ${maxAliases} aliases.`, {
						at: place(node.range?.[0] ?? 0),
					}),
				);
				return visit.BREAK;
			}
			if (isScalar(node) && typeof node.value === "string") {
				const hidden = findHiddenInText(node.value, place(node.range?.[0] ?? 0));
				if (hidden) problems.push(hidden);
			}
			return undefined;
		},
		Pair(_key, pair) {
			const key = isScalar(pair.key) ? pair.key : null;
			const at = place((isNode(pair.key) ? pair.key.range?.[0] : 0) ?? 0);
			if (key === null) problems.push(problem("front-matter-invalid", "A key is not plain text.", { at }));
			else if (forbiddenKeys.has(String(key.value))) {
				problems.push(problem("forbidden-key", `The front matter can't have a key \`${String(key.value)}\`.`, { at }));
			}
		},
	});
	return problems;
}

/** YAML's further values (none in its core schema but big and infinite numbers) as JSON. */
function toJson(value: unknown): JsonValue {
	if (value === null || value === undefined) return null;
	if (typeof value === "string" || typeof value === "boolean") return value;
	if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
	if (Array.isArray(value)) return value.map(toJson);
	if (typeof value === "object") {
		const object: JsonObject = {};
		for (const [key, inner] of Object.entries(value)) object[key] = toJson(inner);
		return object;
	}
	return String(value);
}

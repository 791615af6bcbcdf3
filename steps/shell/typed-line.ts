/** A here-document that a line announces: the line that ends it. */
export interface HereDocument {
	delimiter: string;
	/** `<<-`: tabs at the beginning of its lines do not count. */
	stripTabs: boolean;
}

/** What is open where a line ends, the innermost last. */
type Open =
	| "single"
	| "ansi"
	| "double"
	| "commands"
	| "arithmetic"
	| "arithmetic parenthesis"
	| "braces"
	| "backquotes";

/**
 * Reads what was typed as bash does, line by line, as far as it takes to know whether the next line still belongs to it:
 * quotes, comments, arithmetic and substitutions, in which `<<`, `#` and a last `\` mean something else.
 */
export class TypedLines {
	readonly #open: Open[] = [];

	/** Reads one more line; its here-documents' own lines are not for here. */
	read(line: string): { heres: HereDocument[]; backslash: boolean } {
		const heres: HereDocument[] = [];
		let at = 0;
		while (at < line.length) {
			const char = line[at] ?? "";
			const inside = this.#open.at(-1);
			const begun = inside === "single" ? null : beginning(line, at, inside);
			const closing = inside === undefined ? undefined : closers[inside];
			if (inside === "single") {
				if (char === "'") this.#open.pop();
				at++;
			} else if (char === "\\") {
				if (at === line.length - 1) return { heres, backslash: true };
				at += 2;
			} else if (closing !== undefined && line.startsWith(closing, at)) {
				this.#open.pop();
				at += closing.length;
			} else if (begun !== null) {
				this.#open.push(begun.open);
				at += begun.length;
			} else if (inside !== undefined && inside !== "commands" && inside !== "backquotes") {
				at++;
			} else if (char === "#" && /^$|[\s;&|()]/.test(line[at - 1] ?? "")) {
				break;
			} else if (line.startsWith("<<<", at)) {
				at += 3;
			} else if (line.startsWith("<<", at)) {
				const here = readHere(line, at + 2);
				if (here.told) heres.push(here.told);
				at = here.end;
			} else at++;
		}
		return { heres, backslash: false };
	}
}

const closers: Record<Open, string> = {
	single: "'",
	ansi: "'",
	double: '"',
	commands: ")",
	arithmetic: "))",
	"arithmetic parenthesis": ")",
	braces: "}",
	backquotes: "`",
};

/** What opens at a place, by what it stands in; null when nothing does. */
function beginning(line: string, at: number, inside: Open | undefined): { open: Open; length: number } | null {
	if (inside === "ansi") return null;
	if (line.startsWith("$((", at)) return { open: "arithmetic", length: 3 };
	if (line.startsWith("$(", at)) return { open: "commands", length: 2 };
	if (line.startsWith("${", at)) return { open: "braces", length: 2 };
	if (line[at] === "`") return { open: "backquotes", length: 1 };
	if (inside === "double") return null;
	if (line[at] === '"') return { open: "double", length: 1 };
	if (line[at] === "'") return { open: "single", length: 1 };
	if (line.startsWith("$'", at)) return { open: "ansi", length: 2 };
	if (line[at] !== "(" || inside === "braces") return null;
	if (inside?.startsWith("arithmetic")) return { open: "arithmetic parenthesis", length: 1 };
	return line[at + 1] === "(" ? { open: "arithmetic", length: 2 } : { open: "commands", length: 1 };
}

/** The delimiter that stands behind `<<`, its quotes taken off; null when none does. */
function readHere(line: string, from: number): { told: HereDocument | null; end: number } {
	const stripTabs = line[from] === "-";
	let at = stripTabs ? from + 1 : from;
	while (line[at] === " " || line[at] === "\t") at++;
	const begin = at;
	let delimiter = "";
	while (at < line.length && !/[\s;&|<>()]/.test(line[at] ?? "")) {
		const char = line[at] ?? "";
		if (char === "'" || char === '"') {
			const close = line.indexOf(char, at + 1);
			const end = close === -1 ? line.length : close;
			delimiter += line.slice(at + 1, end);
			at = end + 1;
		} else {
			if (char === "\\") at++;
			delimiter += line[at] ?? "";
			at++;
		}
	}
	return { told: at > begin ? { delimiter, stripTabs } : null, end: at };
}

import { isBaseVariable, isReservedVariable, looksSecret } from "./variable-name.ts";

/** A value that a script gets as an environment variable. */
export interface ShellInput {
	/** The variable's name in the script's environment. */
	variable: string;
	/** The value's name in the session: a parameter, a captured value, or `cluster.attribute`. */
	value: string;
	/** `<placeholder>`, `{{template}}` or an unset `$VARIABLE`. */
	origin: "placeholder" | "template" | "variable";
	/** Without it the script must not start; otherwise it is handed over only when it is known. */
	required: boolean;
	/** Its name looks like a secret's. */
	secret: boolean;
	/** It stands at the start of an argument: a value beginning with `-` would be read as an option, so it is refused. */
	leading: boolean;
}

/** A place where a value was asked for and can't be given. `offset` counts from the script's start. */
export interface ShellObstacle {
	offset: number;
	text: string;
	reason: "single-quotes" | "quoted-here-document" | "nested-shell" | "nested-quotes" | "reserved-name";
}

/** A script with its placeholders rewritten to variables. */
export interface ShellText {
	script: string;
	inputs: ShellInput[];
	/** Variables that the script itself sets. */
	sets: string[];
	obstacles: ShellObstacle[];
}

type Quote = "none" | "double" | "single" | "here" | "quoted-here" | "arithmetic";

/** The command that is being read: its words so far, as written. */
interface Command {
	words: string[];
	/** Where the current word began; -1 between words. */
	wordStart: number;
}

interface HereDocument {
	delimiter: string;
	quoted: boolean;
	stripTabs: boolean;
	command: Command;
}

const shells = new Set(["sh", "bash", "dash", "zsh", "ksh", "ash", "su", "busybox"]);
const rereaders = new Set(["eval", "watch", "parallel", "trap"]);
const keywords = new Set("if then else elif fi while until do done ! { } time coproc".split(" "));
const declaring = new Set("export declare typeset local readonly".split(" "));
const sshOptionsWithArgument = /^-[A-Za-z0-9]*[bcDEeFIiJLlmOopQRSWw]$/;

/**
 * Reads a Bourne-shell script as the shell would (quotes, here-documents, substitutions, comments) and rewrites
 * `<placeholder>` and `{{value}}` to references to environment variables, quoted as their place needs. A value is
 * therefore never part of the text that a shell parses. Redirections (`< file`, `<<EOF`, `<(cmd)`, `a <b >c`) stay.
 *
 * `names`: what the runbook declares or captures; a placeholder or variable that matches one, apart from letter case, is it.
 */
export function rewriteShell(source: string, names: readonly string[] = []): ShellText {
	const edits: { start: number; end: number; text: string }[] = [];
	const inputs = new Map<string, ShellInput>();
	const sets = new Set<string>();
	const obstacles: ShellObstacle[] = [];
	const pendingHere: HereDocument[] = [];
	const known = new Map(names.map((name) => [foldName(name), name]));
	let sourced = false;
	let at = 0;

	const newCommand = (): Command => ({ words: [], wordStart: -1 });

	function need(input: Omit<ShellInput, "secret">): void {
		const before = inputs.get(input.variable);
		if (before === undefined) {
			inputs.set(input.variable, { ...input, secret: looksSecret(input.variable) });
			return;
		}
		before.required ||= input.required;
		before.leading ||= input.leading;
		if (before.origin === "variable") before.origin = input.origin;
	}

	function obstruct(offset: number, text: string, reason: ShellObstacle["reason"]): void {
		obstacles.push({ offset, text, reason });
	}

	/** Whether another shell will read this place's expansion again. */
	function isReread(command: Command): boolean {
		const words = command.words.filter((word) => !/^[A-Za-z_]\w*\+?=/.test(word));
		const program = (word: string | undefined) => (word ?? "").replace(/^.*\//, "");
		const first = program(words[0]);
		const head = ["sudo", "exec", "command", "nohup", "env", "builtin"].includes(first) ? program(words[1]) : first;
		if (rereaders.has(first) || rereaders.has(head)) return true;
		const last = words.at(-1) ?? "";
		if (/^-[a-z]*c$/.test(last) && words.slice(0, -1).some((word) => shells.has(program(word)))) return true;
		if (head !== "ssh") return false;
		return operandsOfSsh(words.slice(words.findIndex((word) => program(word) === "ssh") + 1)) > 0;
	}

	function place(
		start: number,
		end: number,
		input: Omit<ShellInput, "secret" | "leading">,
		quote: Quote,
		command: Command,
	) {
		const text = source.slice(start, end);
		if (quote === "single") return obstruct(start, text, "single-quotes");
		if (quote === "quoted-here") return obstruct(start, text, "quoted-here-document");
		if (quote === "arithmetic" || isReread(command)) return obstruct(start, text, "nested-shell");
		if (isReservedVariable(input.variable)) return obstruct(start, text, "reserved-name");
		const leading =
			quote === "none" ? command.wordStart === start : source[start - 1] === '"' && command.wordStart === start - 1;
		need({ ...input, leading });
		edits.push({ start, end, text: quote === "none" ? `"\${${input.variable}}"` : `\${${input.variable}}` });
	}

	/** `{{name}}` at `at`; moves past it when it is one. */
	function readTemplate(quote: Quote, command: Command, nested: boolean): boolean {
		const match = /^\{\{[ \t]*([A-Za-z_][\w-]*(?:\.[A-Za-z_]\w*)*)[ \t]*\}\}/.exec(source.slice(at, at + 160));
		if (match?.[1] === undefined) return false;
		const isKnown = names.includes(match[1].split(".")[0] ?? "");
		// Other tools' templates (Ansible, Helm) stand in quotes: only a name of this runbook is an obstacle there.
		if ((quote === "single" || quote === "quoted-here" || quote === "arithmetic") && !isKnown) return false;
		const end = at + match[0].length;
		const variable = match[1].replace(/[.-]/g, "_");
		if (nested) obstruct(at, match[0], "nested-quotes");
		else place(at, end, { variable, value: match[1], origin: "template", required: true }, quote, command);
		at = end;
		return true;
	}

	/** `<placeholder>` at `at`; moves past it when it is one. */
	function readPlaceholder(quote: Quote, command: Command, nested: boolean): boolean {
		const inside = placeholderAt(source, at, quote === "none");
		if (inside === null) return false;
		const end = at + inside.length + 2;
		const folded = known.get(foldName(inside));
		const variable = variableOf(inside);
		if (nested) obstruct(at, source.slice(at, end), "nested-quotes");
		else place(at, end, { variable, value: folded ?? variable, origin: "placeholder", required: true }, quote, command);
		at = end;
		return true;
	}

	/** `$...` at `at`. */
	function readDollar(quote: Quote, command: Command, nested: boolean): void {
		const next = source[at + 1];
		if (next === "(" && source[at + 2] === "(") {
			at += 3;
			readArithmetic();
		} else if (next === "(") {
			at += 2;
			readCommands(")", false);
		} else if (next === "{") {
			readBraces(quote, command, nested);
		} else if (next === "'" && quote === "none") {
			at += 2;
			readSingle(command, true);
		} else if (next === '"' && quote === "none") {
			at += 1;
		} else {
			const name = /^[A-Za-z_]\w*/.exec(source.slice(at + 1, at + 200))?.[0];
			if (name !== undefined) useVariable(name, !sourced, leadingHere(quote, command));
			at += 1 + (name?.length ?? 1);
		}
	}

	function leadingHere(quote: Quote, command: Command): boolean {
		return quote === "none" ? command.wordStart === at : source[at - 1] === '"' && command.wordStart === at - 1;
	}

	function useVariable(name: string, required: boolean, leading: boolean): void {
		// In any letter case when the runbook declares it; else only what is written as variables of the environment are.
		if (!(names.includes(name) || /^[A-Z][A-Z0-9_]*$/.test(name)) || isBaseVariable(name) || sets.has(name)) return;
		const value = known.get(foldName(name)) ?? name;
		// `$OPTS` and its like are written to hold options.
		const mayBeOption = /(?:OPT|OPTS|OPTIONS?|FLAGS?|ARGS?)$/.test(name);
		need({ variable: name, value, origin: "variable", required, leading: leading && !mayBeOption });
	}

	/** `${...}`; what follows the name is read with the quoting around it. */
	function readBraces(quote: Quote, command: Command, nested: boolean): void {
		const leading = leadingHere(quote, command);
		at += 2;
		if (source[at] === "#" || source[at] === "!") at++;
		const name = /^[A-Za-z_]\w*/.exec(source.slice(at, at + 200))?.[0];
		at += name?.length ?? 0;
		const operator = /^:?[-=+?]/.exec(source.slice(at, at + 2))?.[0] ?? "";
		if (name !== undefined) {
			const optional = /[-=+]$/.test(operator);
			// `${NAME:-...}` copes without a value: it is handed one that the runbook knows, and asks for none.
			if (!optional || known.has(foldName(name))) useVariable(name, !optional && !sourced, leading);
			if (operator.endsWith("=")) sets.add(name);
		}
		while (at < source.length && source[at] !== "}") readPart(quote === "none" ? "none" : quote, command, nested);
		at++;
	}

	function readArithmetic(): void {
		const start = at;
		let depth = 2;
		while (at < source.length && depth > 0) {
			if (source[at] === "(") depth++;
			if (source[at] === ")") depth--;
			if (depth === 0) break;
			if (source[at] === "$") readDollar("arithmetic", newCommand(), false);
			else if (!readTemplate("arithmetic", newCommand(), false)) at++;
		}
		for (const [, name] of source.slice(start, at).matchAll(/([A-Za-z_]\w*)\s*(?:[-+*/%&|^]?=(?!=)|\+\+|--)/g)) {
			if (name !== undefined) sets.add(name);
		}
		at++;
	}

	function readSingle(command: Command, ansi: boolean): void {
		while (at < source.length && source[at] !== "'") {
			if (ansi && source[at] === "\\") at += 2;
			else if (source[at] === "<" && readPlaceholder("single", command, false)) continue;
			else if (source[at] === "{" && readTemplate("single", command, false)) continue;
			else at++;
		}
		at++;
	}

	function readDouble(command: Command, nested: boolean): void {
		while (at < source.length && source[at] !== '"') readPart("double", command, nested);
		at++;
	}

	/** One character or construct of a word, in the given quoting. */
	function readPart(quote: Quote, command: Command, nested: boolean): void {
		const char = source[at];
		if (char === "\\") at += 2;
		else if (char === "$") readDollar(quote, command, nested);
		else if (char === "`") {
			at++;
			// Quotes inside backquotes inside double quotes are undefined in POSIX: nothing is rewritten there.
			readCommands("`", quote !== "none");
		} else if (char === "'" && quote === "none") {
			at++;
			readSingle(command, false);
		} else if (char === '"' && quote === "none") {
			at++;
			readDouble(command, nested);
		} else if (char === "<" && readPlaceholder(quote, command, nested)) return;
		else if (char === "{" && readTemplate(quote, command, nested)) return;
		else at++;
	}

	function endWord(command: Command): void {
		if (command.wordStart < 0) return;
		const word = source.slice(command.wordStart, at);
		command.wordStart = -1;
		const first = command.words[0];
		if (first === undefined && keywords.has(word)) return;
		const assigned = /^([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=/.exec(word)?.[1];
		const assigning = command.words.every((w) => /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/.test(w));
		if (assigned !== undefined && (assigning || declaring.has(first ?? ""))) sets.add(assigned);
		command.words.push(word);
		if (first === undefined && (word === "source" || word === ".")) sourced = true;
		// What `set -a`, eval and sourced files set can't be known from here.
		if (first === "set" && /^-\w*a/.test(word)) sourced = true;
		if (first === undefined && word === "eval") sourced = true;
		if (/^[A-Za-z_]\w*$/.test(word)) {
			const position = command.words.length - 1;
			const previous = command.words.at(-2);
			if ((first === "for" || first === "select") && position === 1) sets.add(word);
			if (first === "read" || first === "mapfile" || first === "readarray") sets.add(word);
			if (first === "printf" && previous === "-v") sets.add(word);
			if (first === "getopts" && position === 2) sets.add(word);
			if (first === "unset") sets.add(word);
		}
	}

	function readHereDelimiter(command: Command): void {
		const stripTabs = source[at] === "-";
		if (stripTabs) at++;
		while (source[at] === " " || source[at] === "\t") at++;
		let delimiter = "";
		let quoted = false;
		while (at < source.length && !/[\s;&|<>()]/.test(source[at] ?? "")) {
			const char = source[at] ?? "";
			if (char === "'" || char === '"') {
				quoted = true;
				const close = source.indexOf(char, at + 1);
				const end = close === -1 ? source.length : close;
				delimiter += source.slice(at + 1, end);
				at = end + 1;
			} else if (char === "\\") {
				quoted = true;
				delimiter += source[at + 1] ?? "";
				at += 2;
			} else {
				delimiter += char;
				at++;
			}
		}
		if (delimiter !== "" || quoted) pendingHere.push({ delimiter, quoted, stripTabs, command });
	}

	/** The bodies of the here-documents that the line just ended has announced. */
	function readHereBodies(): void {
		for (const here of pendingHere.splice(0)) {
			const program = (here.command.words[0] ?? "").replace(/^.*\//, "");
			const reread: Command = { words: [shells.has(program) || program === "ssh" ? "eval" : ""], wordStart: -1 };
			while (at < source.length) {
				const newline = source.indexOf("\n", at);
				const end = newline === -1 ? source.length : newline;
				const line = source.slice(at, end);
				if ((here.stripTabs ? line.replace(/^\t+/, "") : line) === here.delimiter) {
					at = end;
					break;
				}
				while (at < end) {
					if (!here.quoted) readPart("here", reread, false);
					else if (source[at] === "<" && readPlaceholder("quoted-here", reread, false)) continue;
					else if (source[at] === "{" && readTemplate("quoted-here", reread, false)) continue;
					else at++;
				}
				if (at >= source.length) break;
				if (source[at] === "\n") at++;
			}
			if (source[at] === "\n") at++;
		}
	}

	/** Commands up to the closing character (or the end). */
	function readCommands(close: ")" | "`" | null, nested: boolean): void {
		let command = newCommand();
		let cases = 0;
		let parentheses = 0;
		const finish = () => {
			endWord(command);
			command = newCommand();
		};
		while (at < source.length) {
			const char = source[at] ?? "";
			if (char === "`" && close === "`") break;
			if (char === ")") {
				finish();
				if (parentheses > 0) parentheses--;
				else if (close === ")" && cases === 0) break;
				at++;
			} else if (char === "\n") {
				finish();
				at++;
				if (pendingHere.length > 0) readHereBodies();
			} else if (char === " " || char === "\t" || char === "\r") {
				endWord(command);
				if (command.words.length === 1 && command.words[0] === "case") cases++;
				if (command.words.length === 1 && command.words[0] === "esac") cases = Math.max(0, cases - 1);
				at++;
			} else if (char === "#" && command.wordStart < 0) {
				while (at < source.length && source[at] !== "\n") at++;
			} else if (char === ";" || char === "&" || char === "|") {
				// `2>&1` and `&>file` belong to a redirection, not to the end of a command.
				if (char === "&" && (source[at - 1] === ">" || source[at - 1] === "<" || source[at + 1] === ">")) at++;
				else {
					const word = source.slice(command.wordStart, at);
					if (word === "esac") cases = Math.max(0, cases - 1);
					finish();
					at++;
				}
			} else if (char === "(") {
				if (source[at + 1] === "(" && command.words.length === 0 && command.wordStart < 0) {
					at += 2;
					readArithmetic();
					at += source[at] === ")" ? 1 : 0;
				} else {
					finish();
					parentheses++;
					at++;
				}
			} else if (char === "<" || char === ">") {
				readRedirection(command, nested);
			} else {
				if (command.wordStart < 0) command.wordStart = at;
				readPart("none", command, nested);
			}
		}
		finish();
		at++;
	}

	function readRedirection(command: Command, nested: boolean): void {
		if (source[at] === "<") {
			if (source.startsWith("<<<", at)) {
				endWord(command);
				at += 3;
				return;
			}
			if (source.startsWith("<<", at)) {
				endWord(command);
				at += 2;
				readHereDelimiter(command);
				return;
			}
			const began = command.wordStart;
			if (began < 0) command.wordStart = at;
			if (readPlaceholder("none", command, nested)) return;
			command.wordStart = began;
		}
		// A number right before it is a descriptor, part of the redirection; anything else ends a word.
		endWord(command);
		const operator = /^(?:>>|>\||>&|<&|<>|[<>])/.exec(source.slice(at, at + 2))?.[0] ?? ">";
		at += operator.length;
		if (source[at] === "(") {
			at++;
			readCommands(")", nested);
		}
	}

	readCommands(null, false);
	return { script: applyEdits(source, edits), inputs: [...inputs.values()], sets: [...sets], obstacles };
}

/** How many operands (host, then the remote command) the words after `ssh` have. */
function operandsOfSsh(words: readonly string[]): number {
	let operands = 0;
	for (let i = 0; i < words.length; i++) {
		const word = words[i] ?? "";
		if (operands === 0 && sshOptionsWithArgument.test(word)) i++;
		else if (operands > 0 || !word.startsWith("-")) operands++;
	}
	return operands;
}

function applyEdits(source: string, edits: { start: number; end: number; text: string }[]): string {
	let script = "";
	let from = 0;
	for (const edit of edits.sort((a, b) => a.start - b.start)) {
		script += source.slice(from, edit.start) + edit.text;
		from = edit.end;
	}
	return script + source.slice(from);
}

/**
 * The inside of a `<placeholder>` at the offset, or null when it is a redirection, a tag or something else.
 * `redirections`: whether `<` could be one here.
 */
function placeholderAt(source: string, offset: number, redirections: boolean): string | null {
	const match = /^<([A-Za-z](?:[\w .:/-]{0,62}[\w])?)>/.exec(source.slice(offset, offset + 70));
	const inside = match?.[1];
	if (inside === undefined) return null;
	if (/\.h(?:pp|h)?$/.test(inside) || htmlTags.has(inside.toLowerCase())) return null;
	const element = inside.split(/[\s:]/)[0] ?? inside;
	if (source.includes(`</${element}>`)) return null;
	if (redirections) {
		const after = source.slice(offset + inside.length + 2, offset + inside.length + 7);
		const before = offset === 0 ? " " : (source[offset - 1] ?? " ");
		if (/^[>&(]/.test(after) || after.startsWith("/dev/")) return null;
		// `sort <in>out`: a word that begins with `<` and goes straight on is a pair of redirections.
		if (/^[\w$"'~]/.test(after) && /[\s;|&(]/.test(before)) return null;
	}
	return inside;
}

const htmlTags = new Set(
	"a b i p u s br hr em div span html head body title pre code strong table tr td th ul ol li img input form button script style h1 h2 h3 h4 h5 h6 nav main section link meta svg".split(
		" ",
	),
);

/** `new password` -> `NEW_PASSWORD`; a name that the environment has already gets a suffix: `<path>` -> `PATH_VALUE`. */
function variableOf(inside: string): string {
	const name = inside
		.replace(/([a-z0-9])([A-Z])/g, "$1_$2")
		.replace(/[^A-Za-z0-9]+/g, "_")
		.replace(/^_+|_+$/g, "")
		.toUpperCase();
	return isBaseVariable(name) ? `${name}_VALUE` : name;
}

/** Names that differ only in case, `-`, `_` and spaces are the same. */
function foldName(name: string): string {
	return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

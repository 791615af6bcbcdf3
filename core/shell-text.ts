import { ShellCommand } from "./shell-command.ts";
import { elementsClosedIn, placeholderAt, variableOf } from "./shell-placeholder.ts";
import { type Quote, type ShellInput, ShellRewrite, type ShellText } from "./shell-rewrite.ts";
import { foldName, isBaseVariable } from "./variable-name.ts";

/** The command that is being read: its words so far. */
interface Command {
	words: ShellCommand;
	/** Where the current word began; -1 between words. */
	wordStart: number;
}

interface HereDocument {
	delimiter: string;
	quoted: boolean;
	stripTabs: boolean;
	command: Command;
}

const keywords = new Set("if then else elif fi while until do done ! { } time coproc".split(" "));

/** Substitutions in one another; people write three, and the reader's stack ends somewhere. */
const maxDepth = 100;

/**
 * Reads a Bourne-shell script as the shell would (quotes, here-documents, substitutions, comments) and rewrites
 * `<placeholder>` and `{{value}}` to references to environment variables, quoted as their place needs. A value is
 * therefore never part of the text that a shell parses. Redirections (`< file`, `<<EOF`, `<(cmd)`, `a <b >c`) stay.
 *
 * Where constructs stand in one another more than 100 deep, reading ends with the obstacle `too-deep`.
 *
 * `names`: what the runbook declares or captures; a placeholder or variable that matches one, apart from letter case, is it.
 */
export function rewriteShell(source: string, names: readonly string[] = []): ShellText {
	const rewrite = new ShellRewrite(source);
	const sets = new Set<string>();
	const pendingHere: HereDocument[] = [];
	const closed = elementsClosedIn(source);
	const given = new Set(names);
	const known = new Map(names.map((name) => [foldName(name), name]));
	let sourced = false;
	let depth = 0;
	let at = 0;

	const newCommand = (): Command => ({ words: new ShellCommand(), wordStart: -1 });

	/** Rewrites what stands from `at` to `end`, and moves past it. */
	function place(
		end: number,
		input: Omit<ShellInput, "secret" | "leading">,
		quote: Quote,
		command: Command,
		nested: boolean,
	): void {
		if (nested) rewrite.obstruct(at, source.slice(at, end), "nested-quotes");
		else {
			const leading = leadingHere(quote, command);
			rewrite.place(at, end, { ...input, leading }, quote, command.words.rereadsArguments());
		}
		at = end;
	}

	/** Reads a construct that stands in another. Beyond the limit nothing more of the script is read: it is refused. */
	function readInside(read: () => void): void {
		if (depth >= maxDepth) {
			rewrite.obstruct(at, source.slice(at, at + 20), "too-deep");
			at = source.length;
			return;
		}
		depth++;
		read();
		depth--;
	}

	/** `{{name}}` at `at`; moves past it when it is one. */
	function readTemplate(quote: Quote, command: Command, nested: boolean): boolean {
		const match = /^\{\{[ \t]*([A-Za-z_][\w-]*(?:\.[A-Za-z_]\w*)*)[ \t]*\}\}/.exec(source.slice(at, at + 160));
		if (match?.[1] === undefined) return false;
		const isKnown = given.has(match[1].split(".")[0] ?? "");
		// Other tools' templates (Ansible, Helm) stand in quotes: only a name of this runbook is an obstacle there.
		if ((quote === "single" || quote === "quoted-here" || quote === "arithmetic") && !isKnown) return false;
		const end = at + match[0].length;
		const variable = match[1].replace(/[.-]/g, "_");
		place(end, { variable, value: match[1], origin: "template", required: true }, quote, command, nested);
		return true;
	}

	/** `<placeholder>` at `at`; moves past it when it is one. */
	function readPlaceholder(quote: Quote, command: Command, nested: boolean): boolean {
		const inside = placeholderAt(source, at, quote === "none", closed);
		if (inside === null) return false;
		const end = at + inside.length + 2;
		const variable = variableOf(inside);
		const value = known.get(foldName(inside)) ?? variable;
		place(end, { variable, value, origin: "placeholder", required: true }, quote, command, nested);
		return true;
	}

	/** `$...` at `at`. */
	function readDollar(quote: Quote, command: Command, nested: boolean): void {
		const next = source[at + 1];
		if (next === "(" && source[at + 2] === "(") {
			at += 3;
			readInside(readArithmetic);
		} else if (next === "(") {
			at += 2;
			readInside(() => readCommands(")", false));
		} else if (next === "{") {
			readInside(() => readBraces(quote, command, nested));
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
		if (!(given.has(name) || /^[A-Z][A-Z0-9_]*$/.test(name)) || isBaseVariable(name) || sets.has(name)) return;
		const value = known.get(foldName(name)) ?? name;
		// `$OPTS` and its like are written to hold options.
		const mayBeOption = /(?:OPT|OPTS|OPTIONS?|FLAGS?|ARGS?)$/.test(name);
		rewrite.need({ variable: name, value, origin: "variable", required, leading: leading && !mayBeOption });
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
		for (const [, name] of source.slice(start, at).matchAll(/\b([A-Za-z_]\w*)\s*(?:[-+*/%&|^]?=(?!=)|\+\+|--)/g)) {
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
			readInside(() => readCommands("`", quote !== "none"));
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
		if (command.words.length === 0 && keywords.has(word)) return;
		command.words.add(word);
		const set = command.words.variableSet();
		if (set !== null) sets.add(set);
		if (command.words.setsUnknownVariables()) sourced = true;
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
			const reread = newCommand();
			// What a shell is given to read is read again, as if by `eval`.
			if (here.command.words.rereadsInput()) reread.words.add("eval");
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
				if (command.words.length === 1 && command.words.first === "case") cases++;
				if (command.words.length === 1 && command.words.first === "esac") cases = Math.max(0, cases - 1);
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
			readInside(() => readCommands(")", nested));
		}
	}

	readCommands(null, false);
	return rewrite.result(sets);
}

import { isReservedVariable, looksSecret } from "./variable-name.ts";

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

/** A place where a value was asked for and can't be given, or reading ended. `offset` counts from the script's start. */
export interface ShellObstacle {
	offset: number;
	text: string;
	reason: "single-quotes" | "quoted-here-document" | "nested-shell" | "nested-quotes" | "reserved-name" | "too-deep";
}

/** A script with its placeholders rewritten to variables. */
export interface ShellText {
	script: string;
	inputs: ShellInput[];
	/** Variables that the script itself sets. */
	sets: string[];
	obstacles: ShellObstacle[];
}

/** How the place that is being read is quoted. */
export type Quote = "none" | "double" | "single" | "here" | "quoted-here" | "arithmetic";

/** A script with one is refused; what else is wrong with it is told up to here. */
const maxObstacles = 100;

/** What becomes of a script while it is read: the places that are rewritten, the values that they need, and what can't be. */
export class ShellRewrite {
	readonly #source: string;
	readonly #edits: { start: number; end: number; text: string }[] = [];
	readonly #inputs = new Map<string, ShellInput>();
	readonly #obstacles: ShellObstacle[] = [];

	constructor(source: string) {
		this.#source = source;
	}

	need(input: Omit<ShellInput, "secret">): void {
		const before = this.#inputs.get(input.variable);
		if (before === undefined) {
			this.#inputs.set(input.variable, { ...input, secret: looksSecret(input.variable) });
			return;
		}
		before.required ||= input.required;
		before.leading ||= input.leading;
		if (before.origin === "variable") before.origin = input.origin;
	}

	obstruct(offset: number, text: string, reason: ShellObstacle["reason"]): void {
		if (this.#obstacles.length < maxObstacles) this.#obstacles.push({ offset, text, reason });
	}

	/** Puts a reference to the input's variable in place of what stands there. `reread`: another shell reads it again. */
	place(start: number, end: number, input: Omit<ShellInput, "secret">, quote: Quote, reread: boolean): void {
		const reason = obstacleOf(input.variable, quote, reread);
		if (reason !== null) {
			this.obstruct(start, this.#source.slice(start, end), reason);
			return;
		}
		this.need(input);
		const reference = `\${${input.variable}}`;
		this.#edits.push({ start, end, text: quote === "none" ? `"${reference}"` : reference });
	}

	/** The script with all that, and the variables that it sets itself. */
	result(sets: ReadonlySet<string>): ShellText {
		let script = "";
		let from = 0;
		for (const edit of this.#edits.sort((a, b) => a.start - b.start)) {
			script += this.#source.slice(from, edit.start) + edit.text;
			from = edit.end;
		}
		script += this.#source.slice(from);
		return { script, inputs: [...this.#inputs.values()], sets: [...sets], obstacles: this.#obstacles };
	}
}

/** Why no variable can expand there; null when one can. */
function obstacleOf(variable: string, quote: Quote, reread: boolean): ShellObstacle["reason"] | null {
	if (quote === "single") return "single-quotes";
	if (quote === "quoted-here") return "quoted-here-document";
	if (quote === "arithmetic" || reread) return "nested-shell";
	return isReservedVariable(variable) ? "reserved-name" : null;
}

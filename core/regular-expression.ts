/**
 * Regular expressions that always end: time grows with the text's length, never beyond. Patterns come from runbooks and texts
 * from clusters, and a backtracking engine can be kept busy for hours by thirty characters.
 * The syntax is RE2's common part (https://github.com/google/re2/wiki/Syntax): no look-around, no back-references.
 */
export interface RegularExpression {
	/** Whether the pattern occurs anywhere in the text. `spend` is told of the steps that it takes; it may throw to end them. */
	test(text: string, spend?: (steps: number) => void): boolean;
}

type Node =
	| { kind: "set"; has: (char: number) => boolean }
	| { kind: "assert"; at: Assertion }
	| { kind: "sequence"; parts: Node[] }
	| { kind: "either"; parts: Node[] }
	| { kind: "repeat"; part: Node; least: number; most: number };

type Assertion = "start" | "end" | "word" | "not-word";

type Instruction =
	| { op: "set"; has: (char: number) => boolean }
	| { op: "assert"; at: Assertion }
	| { op: "split"; first: number; second: number }
	| { op: "jump"; to: number }
	| { op: "match" };

const maxPattern = 1_000;
const maxProgram = 2_000;
const maxRepeat = 1_000;

const isDigit = (c: number) => c >= 48 && c <= 57;
const isWord = (c: number) => isDigit(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
const isSpace = (c: number) => c === 32 || (c >= 9 && c <= 13);
const classes: Record<string, (c: number) => boolean> = {
	d: isDigit,
	D: (c) => !isDigit(c),
	w: isWord,
	W: (c) => !isWord(c),
	s: isSpace,
	S: (c) => !isSpace(c),
};
const controls: Record<string, number> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7 };

/**
 * Compiles a pattern; `(?i)` at its start ignores the case of letters. Throws a SyntaxError with what is wrong.
 * Bounds: 1,000 characters, repetitions up to 1,000, 2,000 instructions.
 */
export function compileRegularExpression(pattern: string): RegularExpression {
	if (pattern.length > maxPattern) throw new SyntaxError(`longer than ${maxPattern} characters`);
	const ignoreCase = pattern.startsWith("(?i)");
	const chars = Array.from(ignoreCase ? pattern.slice(4) : pattern);
	let at = 0;
	let depth = 0;

	const setOf = (has: (c: number) => boolean): Node => ({
		kind: "set",
		has: ignoreCase ? (c) => has(c) || has(swapCase(c)) : has,
	});

	function readEither(): Node {
		if (++depth > 100) throw new SyntaxError("nested too deeply");
		const parts = [readSequence()];
		while (chars[at] === "|") {
			at++;
			parts.push(readSequence());
		}
		depth--;
		return parts.length === 1 && parts[0] ? parts[0] : { kind: "either", parts };
	}

	function readSequence(): Node {
		const parts: Node[] = [];
		while (at < chars.length && chars[at] !== "|" && chars[at] !== ")") parts.push(readRepeat());
		return { kind: "sequence", parts };
	}

	function readRepeat(): Node {
		let part = readAtom();
		for (;;) {
			const char = chars[at];
			let bounds: [number, number] | null = null;
			if (char === "*") bounds = [0, Number.POSITIVE_INFINITY];
			else if (char === "+") bounds = [1, Number.POSITIVE_INFINITY];
			else if (char === "?") bounds = [0, 1];
			else if (char === "{") {
				const match = /^\{(\d{1,6})(?:(,)(\d{1,6})?)?\}/.exec(chars.slice(at, at + 16).join(""));
				if (match) {
					const least = Number(match[1]);
					const most =
						match[2] === undefined ? least : match[3] === undefined ? Number.POSITIVE_INFINITY : Number(match[3]);
					if (least > most) throw new SyntaxError(`\`${match[0]}\` is the wrong way round`);
					if (least > maxRepeat || (most > maxRepeat && most !== Number.POSITIVE_INFINITY)) {
						throw new SyntaxError(`\`${match[0]}\` repeats more than ${maxRepeat} times`);
					}
					bounds = [least, most];
					at += match[0].length - 1;
				}
			}
			if (bounds === null) return part;
			at++;
			if (chars[at] === "?") at++;
			part = { kind: "repeat", part, least: bounds[0], most: bounds[1] };
		}
	}

	function readAtom(): Node {
		const char = chars[at++] ?? "";
		if (char === "(") {
			if (chars[at] === "?") {
				if (chars[at + 1] !== ":") throw new SyntaxError("`(?` other than `(?:` (look-around, names) is not supported");
				at += 2;
			}
			const inner = readEither();
			if (chars[at] !== ")") throw new SyntaxError("a `(` is not closed");
			at++;
			return inner;
		}
		if (char === "[") return readClass();
		if (char === ".") return setOf((c) => c !== 10);
		if (char === "^") return { kind: "assert", at: "start" };
		if (char === "$") return { kind: "assert", at: "end" };
		if (char === "*" || char === "+" || char === "?") throw new SyntaxError(`nothing to repeat before \`${char}\``);
		if (char !== "\\") {
			const code = char.codePointAt(0) ?? 0;
			return setOf((c) => c === code);
		}
		const next = chars[at] ?? "";
		if (next === "b" || next === "B" || next === "A" || next === "z") {
			at++;
			const asserted: Record<string, Assertion> = { b: "word", B: "not-word", A: "start", z: "end" };
			return { kind: "assert", at: asserted[next] ?? "end" };
		}
		return setOf(readEscape());
	}

	/** After a backslash. */
	function readEscape(): (c: number) => boolean {
		const char = chars[at++];
		if (char === undefined) throw new SyntaxError("it ends with a backslash");
		const known = classes[char];
		if (known) return known;
		const code = readEscapedCode(char);
		return (c) => c === code;
	}

	function readEscapedCode(char: string): number {
		const control = controls[char];
		if (control !== undefined) return control;
		if (char === "x" || char === "u") {
			const hex = /^[0-9a-fA-F]+/.exec(chars.slice(at, at + (char === "x" ? 2 : 4)).join(""))?.[0] ?? "";
			if (hex.length !== (char === "x" ? 2 : 4)) throw new SyntaxError(`\`\\${char}\` needs hexadecimal digits`);
			at += hex.length;
			return Number.parseInt(hex, 16);
		}
		if (/[A-Za-z0-9]/.test(char)) throw new SyntaxError(`\`\\${char}\` is not supported`);
		return char.codePointAt(0) ?? 0;
	}

	function readClass(): Node {
		const negated = chars[at] === "^";
		if (negated) at++;
		const tests: ((c: number) => boolean)[] = [];
		let first = true;
		while (at < chars.length && (chars[at] !== "]" || first)) {
			first = false;
			const from = readClassPart();
			if (typeof from === "function") {
				tests.push(from);
				continue;
			}
			if (chars[at] === "-" && chars[at + 1] !== "]" && at + 1 < chars.length) {
				at++;
				const to = readClassPart();
				if (typeof to === "function" || to < from) throw new SyntaxError("a range in `[...]` is the wrong way round");
				tests.push((c) => c >= from && c <= to);
			} else tests.push((c) => c === from);
		}
		if (chars[at] !== "]") throw new SyntaxError("a `[` is not closed");
		at++;
		const any = (c: number) => tests.some((test) => test(c));
		const cased = ignoreCase ? (c: number) => any(c) || any(swapCase(c)) : any;
		return { kind: "set", has: negated ? (c) => !cased(c) : cased };
	}

	function readClassPart(): number | ((c: number) => boolean) {
		const char = chars[at++] ?? "";
		if (char !== "\\") return char.codePointAt(0) ?? 0;
		const next = chars[at++];
		if (next === undefined) throw new SyntaxError("it ends with a backslash");
		return classes[next] ?? readEscapedCode(next);
	}

	const tree = readEither();
	if (at < chars.length) throw new SyntaxError("a `)` has no `(`");
	const program: Instruction[] = [];
	emit(tree, program, { parts: 4 * maxProgram });
	program.push({ op: "match" });
	return { test: (text, spend) => run(program, text, spend) };
}

function swapCase(code: number): number {
	if (code >= 65 && code <= 90) return code + 32;
	if (code >= 97 && code <= 122) return code - 32;
	return code;
}

/** Counted are the parts that are written out, not only what they add: a repeated nothing adds nothing, however often. */
function emit(node: Node, program: Instruction[], budget: { parts: number }): void {
	if (program.length > maxProgram || --budget.parts < 0) throw new SyntaxError("the pattern is too large");
	switch (node.kind) {
		case "set":
			program.push({ op: "set", has: node.has });
			return;
		case "assert":
			program.push({ op: "assert", at: node.at });
			return;
		case "sequence":
			for (const part of node.parts) emit(part, program, budget);
			return;
		case "either": {
			const jumps: { op: "jump"; to: number }[] = [];
			node.parts.forEach((part, index) => {
				if (index === node.parts.length - 1) {
					emit(part, program, budget);
					return;
				}
				const split = { op: "split" as const, first: program.length + 1, second: 0 };
				program.push(split);
				emit(part, program, budget);
				const jump = { op: "jump" as const, to: 0 };
				program.push(jump);
				jumps.push(jump);
				split.second = program.length;
			});
			for (const jump of jumps) jump.to = program.length;
			return;
		}
		case "repeat": {
			for (let i = 0; i < node.least; i++) emit(node.part, program, budget);
			if (node.most === Number.POSITIVE_INFINITY) {
				const split = { op: "split" as const, first: program.length + 1, second: 0 };
				const start = program.length;
				program.push(split);
				emit(node.part, program, budget);
				program.push({ op: "jump", to: start });
				split.second = program.length;
				return;
			}
			const splits: { second: number }[] = [];
			for (let i = node.least; i < node.most; i++) {
				const split = { op: "split" as const, first: program.length + 1, second: 0 };
				program.push(split);
				splits.push(split);
				emit(node.part, program, budget);
			}
			for (const split of splits) split.second = program.length;
		}
	}
}

/** Follows all ways through the program at once (Thompson): each instruction at most once a character. */
function run(program: readonly Instruction[], text: string, spend?: (steps: number) => void): boolean {
	const codes = Array.from(text, (char) => char.codePointAt(0) ?? 0);
	const visited = new Int32Array(program.length).fill(-1);
	let current: number[] = [];
	for (let position = 0; position <= codes.length; position++) {
		const waiting: number[] = [];
		const stack = [0, ...current.reverse()];
		let steps = 1;
		while (stack.length > 0) {
			const pc = stack.pop() ?? 0;
			steps++;
			if (visited[pc] === position) continue;
			visited[pc] = position;
			const instruction = program[pc];
			if (instruction === undefined) continue;
			if (instruction.op === "match") return true;
			if (instruction.op === "jump") stack.push(instruction.to);
			else if (instruction.op === "split") stack.push(instruction.second, instruction.first);
			else if (instruction.op === "assert") {
				if (holds(instruction.at, codes, position)) stack.push(pc + 1);
			} else waiting.push(pc);
		}
		spend?.(steps + waiting.length);
		const code = codes[position];
		if (code === undefined) return false;
		current = [];
		for (const pc of waiting) {
			const instruction = program[pc];
			if (instruction?.op === "set" && instruction.has(code)) current.push(pc + 1);
		}
	}
	return false;
}

function holds(assertion: Assertion, codes: readonly number[], position: number): boolean {
	if (assertion === "start") return position === 0;
	if (assertion === "end") return position === codes.length;
	const before = position > 0 && isWord(codes[position - 1] ?? 0);
	const after = position < codes.length && isWord(codes[position] ?? 0);
	return (before !== after) === (assertion === "word");
}

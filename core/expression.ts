import { type ASTNode, Environment, type ParseResult } from "@marcbachmann/cel-js";
import { meter } from "./expression-metering.ts";
import { ExpressionWork, type StepWork } from "./expression-work.ts";
import type { JsonValue } from "./json.ts";
import { type Problem, ProblemError, problem } from "./problem.ts";
import { compileRegularExpression, type RegularExpression } from "./regular-expression.ts";
import { cutInHalf } from "./text-schema.ts";
import { isWellFormed } from "./well-formed.ts";

/** The names that `expect`, `until`, `when` and `capture` may use. */
export const expressionNames = [
	"result",
	"output",
	"exitCode",
	"params",
	"values",
	"topology",
	"before",
	"unit",
] as const;

/** Longer ones belong into a step. */
const maxExpression = 4_000;

/** What the evaluation that runs has cost. */
let work = new ExpressionWork();

/** In units of work: a pattern that is compiled, a step of one, and an item of what an expression is given. */
const patternWork = 100_000;
const stepWork = 5;
const givenWork = 25;

/** Compiled expressions are kept: the same few are evaluated again and again while a step waits. */
const maxCompiled = 500;

/**
 * CEL (https://github.com/google/cel-spec) with its macros. Beyond it: integers and doubles mix in arithmetic, as JSON does not
 * tell them apart, and `matches` takes RE2's syntax in linear time.
 */
const language = new Environment({
	unlistedVariablesAreDyn: false,
	homogeneousAggregateLiterals: false,
	limits: { maxAstNodes: 2_000, maxDepth: 100 },
});
for (const name of expressionNames) language.registerVariable(name, "dyn");
language.registerFunction("string.matchesLinear(string): bool", (text: string, pattern: string) => {
	const { expression, error } = patternOf(pattern);
	if (expression === null) throw new Error(`\`${pattern}\` is not a regular expression: ${error}`);
	work.spend(text.length);
	return expression.test(text, (steps) => work.spend(steps * stepWork));
});
language.registerFunction("counted(dyn): dyn", (list: unknown) => {
	work.goThrough(Array.isArray(list) ? list.length : list instanceof Map || list instanceof Set ? list.size : 1);
	return list;
});
const mixed: Record<string, (a: number, b: number) => number> = {
	"+": (a, b) => a + b,
	"-": (a, b) => a - b,
	"*": (a, b) => a * b,
	"/": (a, b) => a / b,
};
for (const [operator, apply] of Object.entries(mixed)) {
	for (const types of [`int ${operator} double`, `double ${operator} int`]) {
		language.registerOperator(types, (a: bigint | number, b: bigint | number) => apply(Number(a), Number(b)));
	}
}

let lastPattern: { text: string; expression: RegularExpression | null; error: string } | null = null;

/** In a macro it is the same one again and again. */
function patternOf(text: string): { expression: RegularExpression | null; error: string } {
	if (lastPattern?.text === text) return lastPattern;
	work.spend(patternWork);
	try {
		lastPattern = { text, expression: compileRegularExpression(text), error: "" };
	} catch (error) {
		lastPattern = { text, expression: null, error: error instanceof Error ? error.message : "" };
	}
	return lastPattern;
}

const compiled = new Map<string, { run: ParseResult; wrong: Problem | null }>();

function compile(text: string): { run: ParseResult; wrong: Problem | null } {
	const before = compiled.get(text);
	if (before) return before;
	const run = language.parse(text);
	const patterns: { text: string; offset: number }[] = [];
	makeBounded(run.ast, patterns);
	const parsed = { run, wrong: patterns.map((pattern) => checkPattern(text, pattern)).find((p) => p !== null) ?? null };
	const oldest = compiled.keys().next();
	if (compiled.size >= maxCompiled && !oldest.done) compiled.delete(oldest.value);
	compiled.set(text, parsed);
	return parsed;
}

/** Nodes that have been: the loop of a macro shares them with the call as it was written. */
const bounded = new WeakSet<object>();

/**
 * The library's own `matches` backtracks and can't be replaced by registering another: its calls are renamed. What macros go
 * through is counted. Literal patterns are collected, so that a wrong one is told before anything runs.
 */
function makeBounded(node: unknown, patterns: { text: string; offset: number }[]): void {
	if (Array.isArray(node)) {
		for (const part of node) makeBounded(part, patterns);
		return;
	}
	if (typeof node !== "object" || node === null || !("op" in node) || !("args" in node)) return;
	if (bounded.has(node)) return;
	bounded.add(node);
	const { op, args } = node as ASTNode;
	if (op === "rcall" && (args as unknown[])[0] === "matches") {
		(args as unknown[])[0] = "matchesLinear";
		const [pattern] = ((args as unknown[])[2] ?? []) as { op: string; args: unknown; start: number }[];
		if (pattern?.op === "value" && typeof pattern.args === "string") {
			patterns.push({ text: pattern.args, offset: pattern.start });
		}
	}
	meter(node as ASTNode, () => work);
	makeBounded(args, patterns);
	// A macro has been expanded into a loop that stands beside the call as it was written.
	const loop = (node as { meta?: { alternate?: { op: string; args: { iterable: unknown; step: unknown } } } }).meta
		?.alternate;
	if (loop?.op !== "comprehension") return;
	const { iterable, step } = loop.args;
	makeBounded([iterable, step], []);
	const call = language.parse("counted(null)").ast as { args: unknown };
	((call.args as unknown[])[1] as unknown[])[0] = iterable;
	loop.args.iterable = call;
}

function checkPattern(text: string, pattern: { text: string; offset: number }): Problem | null {
	try {
		compileRegularExpression(pattern.text);
		return null;
	} catch (error) {
		return problem(
			"expression-invalid",
			`\`${text}\`: \`${pattern.text}\` is not a regular expression: ${reasonOf(error).summary}.`,
			{ data: { offset: pattern.offset } },
		);
	}
}

/** Checks an expression's syntax and names; null when it is fine. `data.offset` of the problem counts from its start. */
export function checkExpression(text: string): Problem | null {
	if (text.trim() === "") return problem("expression-invalid", "The expression is empty.");
	if (text.length > maxExpression) {
		return problem("expression-invalid", `The expression is longer than ${maxExpression} characters.`);
	}
	try {
		const { run, wrong } = compile(text);
		const checked = run.check();
		return checked.valid ? wrong : invalid(text, checked.error);
	} catch (error) {
		return invalid(text, error);
	}
}

function invalid(text: string, error: unknown): Problem {
	const { summary, offset } = reasonOf(error);
	const unknown = /^Unknown variable: (\w+)/.exec(summary)?.[1];
	return problem("expression-invalid", `\`${text}\`: ${unknown ? `there is no \`${unknown}\` here` : summary}.`, {
		...(unknown ? { next: `Use one of ${expressionNames.join(", ")}.` } : {}),
		data: { offset },
	});
}

/** The library's errors carry a picture of the source after their first line; one sentence is enough. */
function reasonOf(error: unknown): { summary: string; offset: number } {
	if (!(error instanceof Error)) return { summary: String(error), offset: 0 };
	const summary =
		"summary" in error && typeof error.summary === "string" ? error.summary : (error.message.split("\n")[0] ?? "");
	const range = "range" in error ? (error.range as { start?: number } | undefined) : undefined;
	return { summary: summary.replace(/\.$/, ""), offset: range?.start ?? 0 };
}

/**
 * Evaluates an expression over a scope. Integers compare and add as integers; those beyond 2^53 come back as strings.
 * `step`: counts what all expressions of a step cost together. Throws ProblemError `expression-failed` with the expression and
 * what was wrong.
 */
export function evaluateExpression(text: string, scope: Record<string, JsonValue>, step?: StepWork): JsonValue {
	const wrong = text.length > maxExpression ? checkExpression(text) : null;
	if (wrong) throw ProblemError.of(wrong);
	try {
		work = new ExpressionWork(step);
		// A step that has spent all begins nothing more.
		work.spend(0);
		const context: Record<string, unknown> = {};
		for (const name of expressionNames)
			context[name] = toCel(Object.hasOwn(scope, name) ? (scope[name] ?? null) : null);
		const result = compile(text).run(context);
		if (work.exceeded !== null) throw work.exceeded;
		const value = fromCel(result);
		if (!isWellFormed(value)) throw new Error(`the result ${cutInHalf}`);
		return value;
	} catch (error) {
		throw new ProblemError("expression-failed", `\`${text}\`: ${reasonOf(error).summary}.`);
	}
}

function toCel(value: JsonValue): unknown {
	if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
	if (Array.isArray(value)) {
		work.spend(value.length * givenWork);
		return value.map(toCel);
	}
	if (typeof value === "object" && value !== null) {
		const entries = Object.entries(value);
		work.spend(entries.length * givenWork);
		// A Map has no prototype whose names could be reached.
		return new Map(entries.map(([key, inner]) => [key, toCel(inner)]));
	}
	return value;
}

function fromCel(value: unknown): JsonValue {
	work.makeList(1);
	if (typeof value === "string") work.spend(value.length);
	if (value === null || typeof value === "boolean" || typeof value === "string") return value;
	if (typeof value === "number") {
		if (!Number.isFinite(value)) throw new Error(`the result is ${value}, not a number`);
		return value;
	}
	if (typeof value === "bigint") return fromInteger(value);
	if (Array.isArray(value)) return value.map(fromCel);
	if (value instanceof Map) return fromEntries([...value]);
	if (value instanceof Date) return value.toISOString();
	if (typeof value === "object" && value !== undefined) {
		const prototype = Object.getPrototypeOf(value);
		if (prototype === Object.prototype || prototype === null) return fromEntries(Object.entries(value));
		const primitive = (value as { valueOf(): unknown }).valueOf();
		if (typeof primitive === "bigint") return fromInteger(primitive);
		if (typeof primitive === "number") return primitive;
	}
	throw new Error("the result is not a JSON value");
}

function fromInteger(value: bigint): number | string {
	const number = Number(value);
	return Number.isSafeInteger(number) ? number : value.toString();
}

function fromEntries(entries: Iterable<readonly [unknown, unknown]>): JsonValue {
	const object: { [key: string]: JsonValue } = {};
	for (const [key, inner] of entries) {
		if (typeof key !== "string" || key === "__proto__") throw new Error("a key of the result is not usable");
		object[key] = fromCel(inner);
	}
	return object;
}

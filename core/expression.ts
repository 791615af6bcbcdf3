import type { JsonValue } from "./json.ts";
import type { Problem } from "./problem.ts";

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

/** Checks an expression's syntax and names; null when it is fine. The language is CEL. */
export declare function checkExpression(text: string): Problem | null;

/**
 * Evaluates an expression over a scope. Integers compare and add as integers; large integers stay strings.
 * Throws ProblemError `expression-failed` with the expression and what was wrong.
 */
export declare function evaluateExpression(text: string, scope: Record<string, JsonValue>): JsonValue;

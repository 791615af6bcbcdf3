import { compileRegularExpression, type RegularExpression } from "./regular-expression.ts";

/**
 * A parameter's `pattern`, ready to be held against a whole value, in linear time. Throws a SyntaxError with what is wrong,
 * for the same patterns when a runbook is read and when a value is.
 */
export function parameterPattern(pattern: string): RegularExpression {
	// By itself first: `a)|(b` would only become a pattern by what is put around it.
	compileRegularExpression(pattern);
	const flag = pattern.startsWith("(?i)") ? "(?i)" : "";
	return compileRegularExpression(`${flag}^(?:${pattern.slice(flag.length)})$`);
}

import type { JsonValue } from "./json.ts";
import { type ProblemCode, problemCatalogue } from "./problem-catalogue.ts";

/** How much a problem weighs: an `error` stops, a `warning` is shown, `info` is only told. */
export type Severity = "error" | "warning" | "info";

/** A place in a file; line and column count from 1. */
export interface SourcePlace {
	file: string;
	line: number;
	column: number;
}

/** One thing that is wrong, told so that a person can mend it. `detail` says what exactly; `next` overrides the catalogue's. */
export interface Problem {
	code: ProblemCode;
	severity: Severity;
	detail: string;
	next?: string;
	at?: SourcePlace;
	data?: JsonValue;
}

/** Builds a problem of severity `error` unless told otherwise. */
export function problem(
	code: ProblemCode,
	detail: string,
	more: Partial<Omit<Problem, "code" | "detail">> = {},
): Problem {
	return { code, severity: "error", detail, ...more };
}

/** Whether a value is a problem and not a result. */
export function isProblem(value: unknown): value is Problem {
	return (
		typeof value === "object" &&
		value !== null &&
		"code" in value &&
		"severity" in value &&
		"detail" in value &&
		typeof value.code === "string" &&
		Object.hasOwn(problemCatalogue, value.code)
	);
}

/** A problem that is thrown. Everything else that is thrown is a defect and becomes `internal`. */
export class ProblemError extends Error {
	readonly problem: Problem;

	constructor(code: ProblemCode, detail?: string, more: Partial<Omit<Problem, "code" | "detail">> = {}) {
		super(detail ?? problemCatalogue[code].title);
		this.name = "ProblemError";
		this.problem = problem(code, detail ?? problemCatalogue[code].title, more);
	}

	static of(source: Problem): ProblemError {
		const { code, detail, ...more } = source;
		return new ProblemError(code, detail, more);
	}
}

import { isProblem, type Problem, ProblemError, problem } from "../../core/problem.ts";

/** What was thrown, as a problem. */
export function problemOf(error: unknown): Problem {
	if (error instanceof ProblemError) return error.problem;
	if (isProblem(error)) return error;
	if (error instanceof Error && error.name === "TimeoutError") return problem("timeout", "It took too long.");
	return problem("internal", error instanceof Error ? error.message : String(error));
}

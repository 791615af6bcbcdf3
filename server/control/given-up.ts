import { type Problem, ProblemError } from "../../core/problem.ts";

/** Why a walk ends that no person has cancelled; null when one has, by a key or a word. It is what the signal was aborted with. */
export function givenUp({ reason }: AbortSignal): Problem | null {
	return reason instanceof ProblemError ? reason.problem : null;
}

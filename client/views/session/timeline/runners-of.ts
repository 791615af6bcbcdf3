import type { SessionState } from "../../../../core/session-state.ts";

/** Who ran something in a session, by their ids, each once and in order; what was asked for and never began does not count. */
export function runnersOf({ runs }: Pick<SessionState, "runs">): string[] {
	const begun = Object.values(runs).filter((run) => run.startedAt !== undefined);
	return [...new Set(begun.map((run) => run.requestedBy))];
}

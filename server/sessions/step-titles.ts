import { recordedObject } from "../../core/recorded.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { SessionState } from "../../core/session-state.ts";

/** What the steps of a session are called, by their names: those of its runbook, and those that were added. */
export function stepTitles(runbook: Pick<Runbook, "steps">, state: Pick<SessionState, "steps">): Map<string, string> {
	const titles = new Map(runbook.steps.map(({ name, title }) => [name, title]));
	for (const { name, added } of Object.values(state.steps)) {
		const title = recordedObject(added?.attributes)?.title;
		if (typeof title === "string") titles.set(name, title);
	}
	return titles;
}

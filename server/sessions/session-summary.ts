import type { JsonValue } from "../../core/json.ts";
import { isProblem } from "../../core/problem.ts";
import type { SessionSummary } from "../../core/protocol.ts";
import { recordedObject } from "../../core/recorded.ts";
import type { Runbook } from "../../core/runbook.ts";
import { type ChosenCluster, sessionEnvironment } from "../../core/session-environment.ts";
import type { Content } from "../../core/session-event.ts";
import { activeRuns, nextStep, type SessionState, wasNotNeeded } from "../../core/session-state.ts";
import { parseTargetReference } from "../../core/target.ts";
import { plainValues, substitute } from "./session-values.ts";

/** An open session in which nothing happened for this long is shown as abandoned. */
export const abandonedAfterMs = 24 * 60 * 60 * 1000;

/** A session in one row. `titles` are what its steps are called; `watching` is left 0: the socket knows who is there. */
export function summarise(
	state: SessionState,
	lastEventAt: string,
	targets: string[],
	chosen: readonly ChosenCluster[],
	titles: ReadonlyMap<string, string>,
	now: Date,
): SessionSummary {
	const steps = state.order.flatMap((name) => state.steps[name] ?? []);
	const done = steps.filter((step) => step.status === "succeeded" || step.status === "skipped").length;
	const at = activeRuns(state)[0]?.step ?? nextStep(state);
	const idle = now.getTime() - Date.parse(lastEventAt) > abandonedAfterMs;
	const nameOf = (person: string | undefined) =>
		person === undefined ? "" : (state.participants[person]?.name?.content ?? person);
	return {
		session: state.session,
		title: state.title?.content ?? state.runbook.path,
		runbook: state.runbook.path,
		kind: state.kind,
		status: state.status === "closed" ? "closed" : idle ? "abandoned" : "open",
		outcome: state.close?.outcome ?? null,
		environment: sessionEnvironment(state, chosen),
		targets,
		openedAt: state.openedAt ?? "",
		closedAt: state.closedAt ?? null,
		openedBy: nameOf(state.openedBy),
		driver: state.driver === null ? null : nameOf(state.driver),
		watching: 0,
		done,
		skipped: steps.filter((step) => step.status === "skipped" && !wasNotNeeded(step)).length,
		notNeeded: steps.filter(wasNotNeeded).length,
		steps: state.order.length,
		failed: steps.filter((step) => step.status === "failed" || step.status === "lost").length,
		at,
		atTitle: at === null ? null : (titles.get(at) ?? at),
		ticket: state.ticket?.content ?? null,
	};
}

/** The clusters that a session was opened for: its target parameters, and the references of its runbook's steps. */
export function clustersChosen(state: SessionState, runbook: Runbook): string[] {
	return clustersWith(plainValues(state), runbook);
}

/** The clusters that a session is opened for when these are its values. */
export function clustersWith(
	values: ReadonlyMap<string, JsonValue>,
	runbook: Pick<Runbook, "parameters" | "steps">,
): string[] {
	const chosen = runbook.parameters.flatMap((parameter) => {
		const value = values.get(parameter.name);
		return parameter.type === "target" && typeof value === "string" ? [value] : [];
	});
	const written = runbook.steps.flatMap((step) => (step.target === undefined ? [] : [step.target]));
	return [...new Set([...chosen, ...clustersOf(values, written)])].sort();
}

/** The clusters that a session names: those that it was opened for, and those of steps that were added. */
export function clustersNamed(state: SessionState, runbook: Runbook): string[] {
	const added = Object.values(state.steps).flatMap((step) => addedTarget(step.added?.attributes));
	return [...new Set([...clustersChosen(state, runbook), ...clustersOf(plainValues(state), added)])].sort();
}

/** The clusters of references as they were written; the machine itself is none. */
function clustersOf(values: ReadonlyMap<string, JsonValue>, references: readonly string[]): string[] {
	return references.flatMap((text) => {
		const filled = substitute(text, { values, pending: new Set(), secrets: new Set(), attribute: () => undefined });
		if (isProblem(filled)) return [];
		const parsed = parseTargetReference(filled.text);
		return isProblem(parsed) || parsed.cluster === "local" ? [] : [parsed.cluster];
	});
}

function addedTarget(attributes: Content | undefined): string[] {
	const target = recordedObject(attributes)?.target;
	return typeof target === "string" ? [target] : [];
}

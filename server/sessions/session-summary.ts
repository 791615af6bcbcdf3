import { gravestEnvironment } from "../../core/plan.ts";
import { isProblem } from "../../core/problem.ts";
import type { SessionSummary } from "../../core/protocol.ts";
import type { Runbook } from "../../core/runbook.ts";
import { activeRuns, nextStep, type SessionState } from "../../core/session-state.ts";
import { type Environment, parseTargetReference } from "../../core/target.ts";
import { plainValues, substitute } from "./session-values.ts";

/** An open session in which nothing happened for this long is shown as abandoned. */
export const abandonedAfterMs = 24 * 60 * 60 * 1000;

/** A session in one row. `watching` is left 0: the socket knows who is there. */
export function summarise(
	state: SessionState,
	lastEventAt: string,
	targets: string[],
	environmentOf: (cluster: string) => Environment | null,
	now: Date,
): SessionSummary {
	const steps = state.order.map((name) => state.steps[name]);
	const done = steps.filter((step) => step?.status === "succeeded" || step?.status === "skipped").length;
	const idle = now.getTime() - Date.parse(lastEventAt) > abandonedAfterMs;
	const environments = targets.map(environmentOf).filter((environment) => environment !== null);
	const nameOf = (person: string | undefined) =>
		person === undefined ? "" : (state.participants[person]?.name?.content ?? person);
	return {
		session: state.session,
		title: state.title?.content ?? state.runbook.path,
		runbook: state.runbook.path,
		kind: state.kind,
		status: state.status === "closed" ? "closed" : idle ? "abandoned" : "open",
		outcome: state.close?.outcome ?? null,
		environment: environments.length === 0 ? null : gravestEnvironment(environments),
		targets,
		openedAt: state.openedAt ?? "",
		closedAt: state.closedAt ?? null,
		openedBy: nameOf(state.openedBy),
		driver: state.driver === null ? null : nameOf(state.driver),
		watching: 0,
		done,
		skipped: steps.filter((step) => step?.status === "skipped").length,
		steps: state.order.length,
		failed: steps.filter((step) => step?.status === "failed" || step?.status === "lost").length,
		at: activeRuns(state)[0]?.step ?? nextStep(state),
		ticket: state.ticket?.content ?? null,
	};
}

/** The clusters that a session names: its target parameters, and the references of its steps. */
export function clustersNamed(state: SessionState, runbook: Runbook): string[] {
	const values = plainValues(state);
	const clusters = new Set<string>();
	for (const parameter of runbook.parameters) {
		const value = values.get(parameter.name);
		if (parameter.type === "target" && typeof value === "string") clusters.add(value);
	}
	const written = [
		...runbook.steps.flatMap((step) => (step.target === undefined ? [] : [step.target])),
		...Object.values(state.steps).flatMap((step) => addedTarget(step.added?.attributes.content)),
	];
	for (const text of written) {
		const filled = substitute(text, { values, pending: new Set(), secrets: new Set(), attribute: () => undefined });
		if (isProblem(filled)) continue;
		const parsed = parseTargetReference(filled.text);
		if (!isProblem(parsed) && parsed.cluster !== "local") clusters.add(parsed.cluster);
	}
	return [...clusters].sort();
}

function addedTarget(attributes: string | undefined): string[] {
	if (attributes === undefined) return [];
	const target = (JSON.parse(attributes) as Record<string, unknown>).target;
	return typeof target === "string" ? [target] : [];
}

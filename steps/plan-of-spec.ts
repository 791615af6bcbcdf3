import { gravestRisk, type Risk, type StepPlan } from "../core/plan.ts";
import type { StepSpec } from "../core/runbook.ts";
import type { PlanContext } from "./step-executor.ts";

/** An `until` gets this long beyond its own time limit, so that its own words on what it waited for come first. */
const beyondUntilMs = 15_000;

/** The part of a plan that is the same for every type; a type adds its commands and what it needs. `risk` is the type's word, the author's may be graver. */
export function planOfSpec(spec: StepSpec, context: Pick<PlanContext, "timeoutMs">, risk: Risk): StepPlan {
	return {
		step: spec.name,
		type: spec.type,
		commands: [],
		finally: [],
		cwd: null,
		interpreter: null,
		variables: [],
		secrets: [],
		risk: gravestRisk(spec.risk === undefined ? [risk] : [risk, spec.risk]),
		timeoutMs: spec.until === undefined ? context.timeoutMs : spec.until.timeoutMs + beyondUntilMs,
		...(spec.when === undefined ? {} : { when: spec.when }),
		...(spec.whenOtherwise === undefined ? {} : { whenOtherwise: spec.whenOtherwise }),
		...(spec.until === undefined ? {} : { until: spec.until }),
		expect: spec.expect,
		capture: spec.capture,
		recheck: spec.recheck,
	};
}

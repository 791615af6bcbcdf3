import { recordedObject } from "../../../core/recorded.ts";
import type { Runbook, StepSpec } from "../../../core/runbook.ts";
import type { SessionState, StepState } from "../../../core/session-state.ts";
import { type StepTypes, stepTypes } from "../../../steps/index.ts";

/** The steps of a session by name: the runbook's, with the text that a person gave them, and those that were added. */
export function specsOf(state: SessionState, runbook: Runbook): Map<string, StepSpec> {
	const specs = new Map<string, StepSpec>();
	for (const spec of runbook.steps) {
		const body = state.steps[spec.name]?.edited?.body.content;
		specs.set(spec.name, body === undefined ? spec : withBody(spec, body));
	}
	for (const name of state.order) {
		const step = state.steps[name];
		if (step && !specs.has(name)) specs.set(name, addedSpec(step));
	}
	return specs;
}

/** The type's own part is read again here, as the server does; problems of the text are told when it is planned. */
function withBody(spec: StepSpec, body: string): StepSpec {
	const type = (stepTypes as StepTypes)[spec.type];
	const own = type?.parse({ name: spec.name, body, attributes: spec.attributes, place: spec.place });
	return { ...spec, body, own: own === undefined || Array.isArray(own) ? spec.own : own };
}

/** A step that a person added has no place in the runbook. */
function addedSpec(step: StepState): StepSpec {
	const attributes = recordedObject(step.added?.attributes) ?? {};
	const { title, target } = attributes;
	const spec: StepSpec = {
		name: step.name,
		title: typeof title === "string" ? title : step.name,
		type: step.type,
		body: "",
		attributes,
		...(typeof target === "string" ? { target } : {}),
		expect: [],
		capture: [],
		excludeFromRunAll: false,
		recheck: [],
		finally: [],
		place: { file: "", line: 0, column: 0 },
		own: null,
	};
	return withBody(spec, step.edited?.body.content ?? step.added?.body.content ?? "");
}

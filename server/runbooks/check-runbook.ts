import { gravestRisk } from "../../core/plan.ts";
import { isProblem, type Problem, problem, type SourcePlace } from "../../core/problem.ts";
import { type Runbook, unitsOf } from "../../core/runbook.ts";
import { parseTargetReference } from "../../core/target.ts";
import type { FrontMatterFields } from "./front-matter-fields.ts";
import type { ReadStep } from "./read-steps.ts";

/** What can only be seen over all steps: groups, rechecks, values that nothing gives. */
export function checkRunbook(
	runbook: Runbook,
	steps: readonly ReadStep[],
	fields: FrontMatterFields,
	frontPlaceOf: (path: readonly (string | number)[], part?: "key") => SourcePlace,
	{ names = [], isTarget }: { names?: readonly string[]; isTarget?(cluster: string): boolean },
): Problem[] {
	return [
		...(isTarget ? checkTargets(steps, isTarget) : []),
		...checkGroups(steps),
		...checkRechecks(steps),
		...checkValues(runbook, steps, fields, names),
		...checkNamesTwice(fields, runbook, frontPlaceOf),
	];
}

/** A cluster that a step names by itself; what a parameter names is known when it is chosen. */
function checkTargets(steps: readonly ReadStep[], isTarget: (cluster: string) => boolean): Problem[] {
	return steps.flatMap(({ spec, placeOf }) => {
		const reference = spec.target === undefined ? null : parseTargetReference(spec.target);
		if (reference === null || isProblem(reference) || isTarget(reference.cluster)) return [];
		return [problem("target-unknown", `There is no target \`${reference.cluster}\`.`, { at: placeOf("target") })];
	});
}

function checkGroups(steps: readonly ReadStep[]): Problem[] {
	const problems: Problem[] = [];
	const seen = new Set<string>();
	const named = new Set(steps.map((s) => s.spec.name));
	for (const unit of unitsOf(steps.map((s) => s.spec))) {
		if (!unit.group) continue;
		const first = steps.find((s) => s.spec.name === unit.steps[0]);
		if (!first) continue;
		const at = first.placeOf("group");
		if (seen.has(unit.name)) {
			problems.push(
				problem("group-not-consecutive", `Other steps stand between those of the group \`${unit.name}\`.`, { at }),
			);
		} else if (named.has(unit.name)) {
			problems.push(problem("step-name-duplicate", `\`${unit.name}\` is the name of a step and of a group.`, { at }));
		}
		seen.add(unit.name);
		for (const name of unit.steps) {
			const step = steps.find((s) => s.spec.name === name);
			if (step?.type.needsPerson) {
				const detail = `\`${name}\` waits for a person, and a group runs through without a stop.`;
				problems.push(problem("step-invalid", detail, { at: step.placeOf("group") }));
			}
		}
	}
	return problems;
}

function checkRechecks(steps: readonly ReadStep[]): Problem[] {
	const problems: Problem[] = [];
	const byName = new Map(steps.map((step) => [step.spec.name, step]));
	for (const { spec, placeOf } of steps) {
		spec.recheck.forEach((name, index) => {
			const at = Array.isArray(spec.attributes.recheck) ? placeOf("recheck", index) : placeOf("recheck");
			const other = byName.get(name);
			if (!other) {
				problems.push(problem("step-unknown", `\`recheck\` names \`${name}\`, and there is no such step.`, { at }));
				return;
			}
			const risk = gravestRisk([
				other.type.risk(other.spec),
				...(other.spec.risk === undefined ? [] : [other.spec.risk]),
			]);
			if (other.type.needsPerson || risk === "change" || risk === "destructive") {
				problems.push(problem("step-invalid", `\`recheck\` names \`${name}\`, which does not only read.`, { at }));
			} else if (name === spec.name || (spec.group !== undefined && other.spec.group === spec.group)) {
				problems.push(
					problem("step-invalid", `\`recheck\` names \`${name}\`, which is part of what it should precede.`, { at }),
				);
			}
		});
	}
	return problems;
}

const template = /\{\{[ \t]*([A-Za-z_][\w-]*)(?:\.[A-Za-z_]\w*)*[ \t]*\}\}/g;

/**
 * `{{name}}` that is neither a parameter nor captured anywhere. In a runbook that declares or captures nothing, such text in a
 * body is probably another tool's template: a warning.
 */
function checkValues(
	runbook: Runbook,
	steps: readonly ReadStep[],
	fields: FrontMatterFields,
	names: readonly string[],
): Problem[] {
	const known = new Set([...names, ...runbook.parameters.map((p) => p.name)]);
	let named = fields.parameters.length > 0 || names.length > 0;
	for (const { spec } of steps) {
		for (const { name } of spec.capture) {
			known.add(name);
			named = true;
		}
	}
	const problems: Problem[] = [];
	/** Values that only steps further down capture. */
	const later = new Map<string, string>();
	for (const { spec } of steps) for (const { name } of spec.capture) if (!later.has(name)) later.set(name, spec.name);
	for (const name of [...names, ...runbook.parameters.map((p) => p.name)]) later.delete(name);
	const look = (text: string, severity: Problem["severity"], at: SourcePlace, multiline: boolean) => {
		let line = 0;
		let lineStart = 0;
		for (const match of text.matchAll(template)) {
			// The lines are counted on from the last match: counting from the start takes minutes when there are many.
			for (
				let end = text.indexOf("\n", lineStart);
				end !== -1 && end < match.index;
				end = text.indexOf("\n", lineStart)
			) {
				line++;
				lineStart = end + 1;
			}
			const name = match[1] ?? "";
			const from = later.get(name);
			if (known.has(name) && from === undefined) continue;
			const why =
				from === undefined
					? `\`${name}\` is neither a parameter nor captured by a step.`
					: `\`${name}\` is captured by \`${from}\` only, which is not before this step.`;
			problems.push(
				problem("value-missing", `\`${match[0]}\`: ${why}`, {
					// A person may run the steps in another order.
					severity: from === undefined ? severity : "warning",
					next: "Declare it under `parameters`, or capture it in an earlier step.",
					at: multiline
						? { ...at, line: at.line + line + 1, column: at.column + match.index - lineStart }
						: { ...at, column: at.column + match.index },
				}),
			);
		}
	};
	for (const { spec, candidate, placeOf } of steps) {
		const severity = named ? "error" : "warning";
		const at = {
			...candidate.place,
			line: candidate.place.line - (candidate.info === null ? 1 : 0),
			column: candidate.indent + 1,
		};
		look(spec.body, severity, at, true);
		if (spec.target !== undefined) look(spec.target, "error", placeOf("target"), false);
		for (const { name } of spec.capture) later.delete(name);
		// They run last, when the step has captured what it captures.
		for (const line of spec.finally) look(line.run, "error", placeOf("finally"), false);
	}
	return problems;
}

/** A name that is a parameter and a captured value: a step would silently replace what the person gave. */
function checkNamesTwice(
	fields: FrontMatterFields,
	runbook: Runbook,
	frontPlaceOf: (path: readonly (string | number)[], part?: "key") => SourcePlace,
): Problem[] {
	const captured = new Set(runbook.steps.flatMap((step) => step.capture.map((c) => c.name)));
	return fields.parameters
		.filter((parameter) => captured.has(parameter.name))
		.map((parameter) =>
			problem("parameter-invalid", `\`${parameter.name}\` is a parameter and is captured by a step too.`, {
				severity: "warning",
				next: "Give one of them another name: the last write wins.",
				at: frontPlaceOf(["parameters", parameter.name], "key"),
			}),
		);
}

import type { JsonObject, JsonValue } from "../../core/json.ts";
import { type Problem, problem, type SourcePlace } from "../../core/problem.ts";
import type { StepSpec } from "../../core/runbook.ts";
import type { StepType } from "../../core/step-type.ts";
import { checkAttributeNames } from "./attribute-names.ts";
import type { Candidate } from "./document.ts";
import type { FrontMatterFields } from "./front-matter-fields.ts";
import { findHiddenCharacters, findHiddenInText } from "./hidden-characters.ts";
import { type AttributePlace, readCommonAttributes } from "./step-attributes.ts";
import { inWords, isStepName, titlesFromText, uniqueName } from "./step-names.ts";

/** A step with what it was read from. */
export interface ReadStep {
	spec: StepSpec;
	type: StepType<any>;
	candidate: Candidate;
	placeOf: AttributePlace;
}

/** What the steps of one document are read against. */
export interface StepScope {
	fields: FrontMatterFields;
	stepTypes: readonly StepType<any>[];
	maxSteps: number;
	/** Values that are known besides the runbook's own. */
	names: readonly string[];
	frontPlaceOf: (path: readonly (string | number)[], part?: "key") => SourcePlace;
}

/** Every step is read against all of their names. */
const maxCaptured = 500;

/** A candidate whose type is known, before its body is read. */
interface Typed {
	candidate: Candidate;
	type: StepType<any>;
	attributes: Record<string, JsonValue>;
	placeOf: AttributePlace;
	keyPlaceOf: (key: string) => SourcePlace;
	explicitName: string | undefined;
}

/** Reads the steps of a document: each fence or task list that a type takes. What can't be read is a problem with its place. */
export function readSteps(
	candidates: readonly Candidate[],
	scope: StepScope,
): { steps: ReadStep[]; problems: Problem[] } {
	const { fields } = scope;
	const { typed, taken, problems } = typeCandidates(candidates, scope);
	const commons = typed.map((step) => readCommonAttributes(step.attributes, step.placeOf));
	const captured = new Set<string>();
	for (const [index, { common }] of commons.entries()) {
		for (const { name } of common.capture) captured.add(name);
		if (captured.size <= maxCaptured) continue;
		const at = typed[index]?.placeOf("capture");
		const detail = `The steps capture more than ${maxCaptured} values.`;
		problems.push(problem("runbook-too-many-values", detail, at ? { at } : {}));
		return { steps: [], problems };
	}
	const names = [...scope.names, ...fields.parameters.map((p) => p.name), ...captured];
	const steps: ReadStep[] = [];
	const untitled: Pick<ReadStep, "spec" | "candidate">[] = [];
	typed.forEach((step, index) => {
		const { candidate, type, attributes, placeOf } = step;
		const { common, problems: unusable } = commons[index] as (typeof commons)[number];
		const block = { name: step.explicitName ?? "", body: candidate.body, attributes, place: candidate.place, names };
		const own = type.parse(block);
		if (Array.isArray(own)) {
			// Not spread: a call takes only so many arguments.
			for (const each of own as Problem[]) problems.push(indented(each, candidate));
			// What is only a warning (a listing without a command, say) stays in the document as it is.
			return;
		}
		const name = step.explicitName ?? uniqueName(candidate.heading, taken);
		const title =
			typeof attributes.title === "string" && attributes.title.trim() !== ""
				? attributes.title.trim()
				: step.explicitName !== undefined
					? inWords(step.explicitName)
					: null;
		const hidden = title === null ? null : findHiddenInText(title, candidate.place);
		if (hidden) problems.push(hidden);
		const spec: StepSpec = {
			name,
			title: hidden || title === null ? inWords(name) : title,
			type: type.name,
			body: candidate.body,
			attributes,
			...common,
			place: candidate.place,
			own,
		};
		if (!candidate.closed) {
			problems.push(
				problem("step-unclosed", `The block of \`${name}\` is not closed: all that follows would be run.`, {
					at: candidate.place,
				}),
			);
		}
		for (const flaw of type.flaws?.(spec, placeOf) ?? []) problems.push(indented(flaw, candidate));
		problems.push(...unusable, ...checkAttributeNames(attributes, type.attributeNames, step.keyPlaceOf));
		const bodyLine = candidate.info === null ? candidate.place.line : candidate.place.line + 1;
		problems.push(
			...findHiddenCharacters(candidate.body, { ...candidate.place, line: bodyLine, column: candidate.indent + 1 }),
		);
		for (const line of common.finally) {
			const wrong = type.parse({ ...block, body: line.run });
			if (Array.isArray(wrong)) problems.push(...(wrong as Problem[]).map((p) => ({ ...p, at: placeOf("finally") })));
			problems.push(...findHiddenCharacters(line.run, placeOf("finally")));
		}
		steps.push({ spec, type, candidate, placeOf });
		if (title === null) untitled.push({ spec, candidate });
	});
	const titles = titlesFromText(
		untitled.map(({ spec: { type }, candidate: { heading, body } }) => ({ heading, body, type })),
	);
	for (const [i, { spec, candidate }] of untitled.entries()) {
		const title = titles[i] ?? spec.title;
		if (findHiddenInText(title, candidate.place) === null) spec.title = title;
		// Of the block's own text it is told already.
		const hidden = findHiddenInText(candidate.heading, candidate.place);
		if (hidden) problems.push(hidden);
	}
	return { steps, problems };
}

/** A problem in the block's lines, which a type sees without their indentation, at its place in the source. */
function indented(told: Problem, { place, indent }: Candidate): Problem {
	if (!told.at || told.at.line <= place.line) return told;
	return { ...told, at: { ...told.at, column: told.at.column + indent } };
}

/** Finds type, name and attributes of each candidate. `taken`: the names that were written. */
function typeCandidates(
	candidates: readonly Candidate[],
	{ fields, stepTypes, maxSteps, frontPlaceOf }: StepScope,
): { typed: Typed[]; taken: Set<string>; problems: Problem[] } {
	const problems: Problem[] = [];
	const typed: Typed[] = [];
	const byName = new Map<string, SourcePlace>();
	for (const candidate of candidates) {
		const type = typeOf(candidate, stepTypes, problems);
		if (type === null) continue;
		if (typed.length >= maxSteps) {
			problems.push(problem("runbook-too-many-steps", `It has more than ${maxSteps} steps.`, { at: candidate.place }));
			break;
		}
		problems.push(...(candidate.info?.problems ?? []));
		const written = candidate.info?.attributes ?? {};
		let explicitName = written.name;
		const nameAt = { ...candidate.place, column: candidate.info?.columnOf("name") ?? candidate.place.column };
		if (explicitName !== undefined && !isStepName(explicitName)) {
			problems.push(
				problem("step-name-invalid", `\`${explicitName.slice(0, 80)}\` can't be the name of a step.`, { at: nameAt }),
			);
			explicitName = undefined;
		}
		if (explicitName !== undefined) {
			const first = byName.get(explicitName);
			if (first) {
				const detail = `The step in line ${first.line} is \`${explicitName}\` too.`;
				problems.push(problem("step-name-duplicate", detail, { at: nameAt }));
				explicitName = undefined;
			} else byName.set(explicitName, nameAt);
		}
		const longer: JsonObject = explicitName === undefined ? {} : (fields.steps[explicitName] ?? {});
		const attributes: Record<string, JsonValue> = { ...longer, ...written };
		const placeOf: AttributePlace = (key, ...inner) =>
			Object.hasOwn(written, key) || !Object.hasOwn(longer, key)
				? { ...candidate.place, column: candidate.info?.columnOf(key) ?? candidate.place.column }
				: frontPlaceOf(["steps", explicitName ?? "", key, ...inner]);
		const keyPlaceOf = (key: string): SourcePlace =>
			Object.hasOwn(written, key)
				? { ...candidate.place, column: candidate.info?.columnOf(key, "key") ?? candidate.place.column }
				: frontPlaceOf(["steps", explicitName ?? "", key], "key");
		typed.push({ candidate, type, attributes, placeOf, keyPlaceOf, explicitName });
	}
	for (const name of Object.keys(fields.steps)) {
		if (byName.has(name)) continue;
		problems.push(
			problem("step-unknown", `There is no step \`${name}\`.`, { at: frontPlaceOf(["steps", name], "key") }),
		);
	}
	return { typed, taken: new Set(byName.keys()), problems };
}

/** The type of a candidate; null for prose. */
function typeOf(candidate: Candidate, stepTypes: readonly StepType<any>[], problems: Problem[]): StepType<any> | null {
	const { info } = candidate;
	if (info === null) return stepTypes.find((type) => type.words.includes("checklist")) ?? null;
	const named = info.attributes.type;
	if (named === "none" || named === "ignore" || info.attributes.ignore === "true" || info.flags.includes("ignore"))
		return null;
	if (named !== undefined && named !== "") {
		const type = stepTypes.find((t) => t.name === named) ?? stepTypes.find((t) => t.words.includes(named));
		if (type) return type;
		const at = { ...candidate.place, column: info.columnOf("type") };
		const next = `Use one of ${stepTypes.map((t) => t.name).join(", ")}, or \`none\` for prose.`;
		problems.push(problem("unknown-type", `There is no step type \`${named.slice(0, 80)}\`.`, { next, at }));
		return null;
	}
	return info.word === "" ? null : (stepTypes.find((type) => type.words.includes(info.word)) ?? null);
}

import { parseDuration } from "../../core/duration.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { nearMatch } from "../../core/near-match.ts";
import { parameterPattern } from "../../core/parameter-pattern.ts";
import { type Problem, problem } from "../../core/problem.ts";
import type { ProblemCode } from "../../core/problem-catalogue.ts";
import type { Parameter, ParameterType, Runbook } from "../../core/runbook.ts";
import { isBaseVariable, isReservedVariable, isValueName } from "../../core/variable-name.ts";
import type { FrontMatter } from "./front-matter.ts";

/** What the front matter says, read. */
export interface FrontMatterFields {
	title?: string;
	systems: string[];
	severity?: NonNullable<Runbook["severity"]>;
	owner?: string;
	reviewMs?: number;
	objectives: Runbook["objectives"];
	parameters: Parameter[];
	/** Longer configuration of steps, by name. */
	steps: Record<string, JsonObject>;
	problems: Problem[];
}

const knownFields = ["title", "systems", "severity", "owner", "review", "objectives", "parameters", "steps"];
/** More than a person fills in. */
const maxParameters = 100;

const parameterTypes: readonly ParameterType[] = [
	"string",
	"number",
	"boolean",
	"choice",
	"duration",
	"target",
	"secret",
];
const parameterFields = ["type", "kind", "description", "required", "default", "choices", "pattern"];

/** Reads the fields that Runledger knows. What can't be used is left out and told, with its place. */
export function readFields(front: FrontMatter): FrontMatterFields {
	const { fields } = front;
	const result: FrontMatterFields = {
		systems: [],
		objectives: {},
		parameters: [],
		steps: {},
		problems: [...front.problems],
	};
	const wrong = (detail: string, path: (string | number)[], code: ProblemCode = "front-matter-field") => {
		result.problems.push(problem(code, detail, { at: front.placeOf(path) }));
	};

	for (const key of Object.keys(fields)) {
		if (knownFields.includes(key)) continue;
		const near = nearMatch(key, knownFields);
		result.problems.push(
			problem(
				"unknown-field",
				near === null
					? `\`${key}\` is not a field that Runledger knows.`
					: `\`${key}\` is probably meant to be \`${near}\`.`,
				{
					severity: near === null ? "warning" : "error",
					at: front.placeOf([key], "key"),
				},
			),
		);
	}

	const { title, systems, severity, owner, review, objectives, parameters, steps } = fields;
	if (typeof title === "string" && title.trim() !== "") result.title = title.trim();
	else if (title !== undefined && title !== null) wrong("`title` must be text.", ["title"]);

	if (typeof systems === "string") result.systems = [systems];
	else if (Array.isArray(systems) && systems.every((s) => typeof s === "string")) result.systems = systems as string[];
	else if (systems !== undefined && systems !== null) wrong("`systems` must be a list of names.", ["systems"]);

	if (severity === "P0" || severity === "P1" || severity === "P2" || severity === "P3") result.severity = severity;
	else if (severity !== undefined && severity !== null) wrong("`severity` must be P0, P1, P2 or P3.", ["severity"]);

	if (typeof owner === "string") result.owner = owner;
	else if (owner !== undefined && owner !== null) wrong("`owner` must be text.", ["owner"]);

	if (review !== undefined && review !== null) {
		const ms = typeof review === "string" ? parseDuration(review) : null;
		if (ms === null) wrong("`review` must be a duration such as 90d.", ["review"]);
		else result.reviewMs = ms;
	}

	if (isObject(objectives)) {
		for (const [key, value] of Object.entries(objectives)) {
			const ms = typeof value === "string" ? parseDuration(value) : null;
			if (key === "rto" && ms !== null) result.objectives.rtoMs = ms;
			else if (key === "rto") wrong("`objectives.rto` must be a duration such as 30s.", ["objectives", "rto"]);
			else if (key === "rpo" && typeof value === "number" && Number.isInteger(value) && value >= 0)
				result.objectives.rpo = value;
			else if (key === "rpo") wrong("`objectives.rpo` must be a number of writes, 0 or more.", ["objectives", "rpo"]);
			else wrong(`\`objectives\` has no \`${key}\`.`, ["objectives", key]);
		}
	} else if (objectives !== undefined && objectives !== null) wrong("`objectives` must be {rto, rpo}.", ["objectives"]);

	if (isObject(parameters)) {
		if (Object.keys(parameters).length > maxParameters)
			wrong(`There are more than ${maxParameters} parameters.`, ["parameters"]);
		for (const [name, value] of Object.entries(parameters).slice(0, maxParameters)) {
			const parameter = readParameter(name, value, front, result.problems);
			if (parameter) result.parameters.push(parameter);
		}
	} else if (parameters !== undefined && parameters !== null)
		wrong("`parameters` must be a map of names.", ["parameters"]);

	if (isObject(steps)) {
		for (const [name, value] of Object.entries(steps)) {
			if (isObject(value)) result.steps[name] = value;
			else wrong(`\`steps.${name}\` must be a map of attributes.`, ["steps", name]);
		}
	} else if (steps !== undefined && steps !== null) wrong("`steps` must be a map of steps by name.", ["steps"]);
	return result;
}

function readParameter(name: string, value: JsonValue, front: FrontMatter, problems: Problem[]): Parameter | null {
	const path = ["parameters", name];
	const wrong = (detail: string, key?: string, code: ProblemCode = "parameter-invalid") => {
		problems.push(
			problem(code, `\`${name}\`: ${detail}`, {
				at: key === undefined ? front.placeOf(path, "key") : front.placeOf([...path, key]),
			}),
		);
		return null;
	};
	if (!isValueName(name))
		return wrong("a name has letters, digits and `_`, at most 64, and does not begin with a digit.");
	if (isReservedVariable(name))
		return wrong("this variable changes how programs run.", undefined, "parameter-reserved");
	// `user` is a fine name; `USER` is what every shell has.
	if (isBaseVariable(name)) return wrong("every shell has a variable of this name.", undefined, "parameter-reserved");
	// `name: text` is short for {type: string, default: text}.
	const written: JsonObject | null = isObject(value)
		? value
		: value === null
			? {}
			: Array.isArray(value)
				? null
				: { default: value };
	if (written === null) return wrong("it must be a map such as {type: string, required: true}.");
	for (const key of Object.keys(written)) {
		if (!parameterFields.includes(key)) {
			const near = nearMatch(key, parameterFields);
			return wrong(`there is no \`${key}\`${near === null ? "" : `; \`${near}\`?`}.`, key);
		}
	}
	const { kind, description, required, choices, pattern } = written;
	const type = written.type ?? (choices !== undefined ? "choice" : inferType(written.default));
	if (typeof type !== "string" || !parameterTypes.includes(type as ParameterType)) {
		return wrong(`\`type\` is one of ${parameterTypes.join(", ")}.`, "type");
	}
	const parameter: Parameter = { name, type: type as ParameterType, required: false, origin: "declared" };
	if (kind !== undefined) {
		if (type !== "target" || typeof kind !== "string")
			return wrong("`kind` is the kind of cluster of a `target`.", "kind");
		parameter.kind = kind;
	}
	if (description !== undefined) {
		if (typeof description !== "string") return wrong("`description` must be text.", "description");
		parameter.description = description;
	}
	if (choices !== undefined || type === "choice") {
		if (type !== "choice") return wrong("`choices` are for the type `choice`.", "choices");
		const list = Array.isArray(choices) ? choices : [];
		if (list.length < 1 || !list.every((c) => typeof c === "string" || typeof c === "number")) {
			return wrong("`choices` must be a list of texts.", "choices");
		}
		parameter.choices = list.map(String);
	}
	if (pattern !== undefined) {
		if (typeof pattern !== "string") return wrong("`pattern` must be text.", "pattern");
		try {
			parameterPattern(pattern);
		} catch (error) {
			return wrong(
				`\`pattern\` is not a regular expression: ${error instanceof Error ? error.message : ""}.`,
				"pattern",
			);
		}
		parameter.pattern = pattern;
	}
	if (required !== undefined && typeof required !== "boolean") return wrong("`required` is true or false.", "required");
	if (written.default !== undefined && written.default !== null) {
		if (type === "secret") return wrong("a secret can't have a default: it would stand in the file.", "default");
		const mismatch = defaultMismatch(parameter, written.default);
		if (mismatch !== null) return wrong(mismatch, "default");
		parameter.default = type === "string" || type === "choice" ? String(written.default) : written.default;
	}
	// A cluster to run on is always needed.
	parameter.required = required ?? (type === "target" && parameter.default === undefined);
	return parameter;
}

function inferType(value: JsonValue | undefined): ParameterType {
	if (typeof value === "number") return "number";
	return typeof value === "boolean" ? "boolean" : "string";
}

function defaultMismatch(parameter: Parameter, value: JsonValue): string | null {
	switch (parameter.type) {
		case "number":
			return typeof value === "number" ? null : "the default must be a number.";
		case "boolean":
			return typeof value === "boolean" ? null : "the default must be true or false.";
		case "duration":
			return typeof value === "string" && parseDuration(value) !== null
				? null
				: "the default must be a duration such as 30s.";
		case "choice":
			return parameter.choices?.includes(String(value)) ? null : "the default must be one of the choices.";
		default:
			if (typeof value === "object") return "the default must be text.";
			return parameter.pattern === undefined ? null : patternMismatch(parameter.pattern, String(value));
	}
}

/** Enough for any default that a person writes. A large pattern over a long text is work, and the library reads many files. */
const maxPatternSteps = 200_000;

function patternMismatch(pattern: string, value: string): string | null {
	let left = maxPatternSteps;
	try {
		const fits = parameterPattern(pattern).test(value, (steps) => {
			left -= steps;
			if (left < 0) throw new Error("it takes too many steps");
		});
		return fits ? null : "the default does not match the pattern.";
	} catch (error) {
		return `the default can't be held against the pattern: ${error instanceof Error ? error.message : ""}.`;
	}
}

function isObject(value: JsonValue | undefined): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { parseDuration } from "../../core/duration.ts";
import type { JsonValue } from "../../core/json.ts";
import { parameterPattern } from "../../core/parameter-pattern.ts";
import { ProblemError } from "../../core/problem.ts";
import { needsValue, type Parameter, type Runbook } from "../../core/runbook.ts";
import { cutInHalf } from "../../core/text-schema.ts";
import { isWellFormed } from "../../core/well-formed.ts";
import { shortestMaskedSecret } from "./secret-texts.ts";

/** A parameter's value, ready for the session. */
export interface ParameterValue {
	name: string;
	value: JsonValue;
	secret: boolean;
}

/** Longer text is held against no pattern: the time that takes grows with its length. */
const maxMatched = 10_000;

/**
 * Reads what was given for a runbook's parameters, with defaults. Throws `parameter-missing`, which names all that have no
 * value, also in its `data` as `{name, type}`; or `parameter-invalid`, or what is wrong with a target. `isAsked`: of what was
 * found in the text, that which will run.
 */
export function readParameters(
	runbook: Pick<Runbook, "parameters">,
	given: Record<string, JsonValue>,
	kindOfTarget: (name: string) => string | null,
	isAsked: (parameter: Parameter) => boolean = () => true,
): ParameterValue[] {
	for (const name of Object.keys(given)) {
		if (!runbook.parameters.some((p) => p.name === name)) {
			throw new ProblemError("parameter-invalid", `The runbook has no parameter \`${name}\`.`, {
				next: `Its parameters are ${runbook.parameters.map((p) => p.name).join(", ") || "none"}.`,
			});
		}
	}
	const valueOf = ({ name, default: otherwise }: Parameter) => {
		const written = Object.hasOwn(given, name) ? given[name] : undefined;
		return written === undefined || written === "" ? otherwise : written;
	};
	const missing = runbook.parameters.filter(
		(parameter) => isAsked(parameter) && needsValue(parameter, valueOf(parameter)),
	);
	if (missing.length > 0) {
		const names = missing.map(({ name }) => `\`${name}\``).join(", ");
		throw new ProblemError("parameter-missing", `${names} ${missing.length === 1 ? "has" : "have"} no value.`, {
			data: missing.map(({ name, type }) => ({ name, type })),
		});
	}
	const values: ParameterValue[] = [];
	for (const parameter of runbook.parameters) {
		const value = valueOf(parameter);
		if (value === undefined || value === null) continue;
		values.push({
			name: parameter.name,
			value: readParameter(parameter, value, kindOfTarget),
			secret: parameter.type === "secret",
		});
	}
	return values;
}

/** Refuses what no step could be given and no record could keep. Throws `parameter-invalid`, whose `data` names the parameter. */
export function checkValue(name: string, value: JsonValue): void {
	// A null byte can't stand in an environment variable; the rest is data.
	if (typeof value === "string" && value.includes("\0")) {
		throw new ProblemError("parameter-invalid", `\`${name}\` wants text without null bytes.`, {
			data: { parameter: name },
		});
	}
	if (!isWellFormed(value)) {
		throw new ProblemError("parameter-invalid", `\`${name}\` ${cutInHalf}.`, { data: { parameter: name } });
	}
}

/** Reads one value as its parameter's type asks. */
export function readParameter(
	parameter: Parameter,
	value: JsonValue,
	kindOfTarget: (name: string) => string | null,
): JsonValue {
	const refuse = (wanted: string): never => {
		const shown = parameter.type === "secret" ? "the value" : `\`${String(value)}\``;
		throw new ProblemError("parameter-invalid", `\`${parameter.name}\` wants ${wanted}, not ${shown}.`, {
			data: { parameter: parameter.name },
		});
	};
	const text = typeof value === "string" ? value : JSON.stringify(value);
	checkValue(parameter.name, value);
	if (parameter.pattern !== undefined) {
		if (text.length > maxMatched) refuse(`at most ${maxMatched} characters`);
		if (!parameterPattern(parameter.pattern).test(text)) refuse(`what matches ${parameter.pattern}`);
	}
	switch (parameter.type) {
		case "number": {
			const number = typeof value === "number" ? value : Number(text.trim() || Number.NaN);
			return Number.isFinite(number) ? number : refuse("a number");
		}
		case "boolean":
			if (value === true || text === "true") return true;
			if (value === false || text === "false") return false;
			return refuse("true or false");
		case "choice":
			return parameter.choices?.includes(text) ? text : refuse(`one of ${parameter.choices?.join(", ") ?? "none"}`);
		case "duration":
			return parseDuration(text) === null ? refuse("a duration such as 500ms or 8s") : text;
		case "target": {
			const kind = kindOfTarget(text);
			if (kind === null) {
				throw new ProblemError("target-unknown", `There is no target \`${text}\`, which ${parameter.name} is to be.`, {
					data: { parameter: parameter.name },
				});
			}
			if (parameter.kind !== undefined && parameter.kind !== kind) {
				throw new ProblemError(
					"target-kind-mismatch",
					`\`${text}\` is a ${kind}, and ${parameter.name} wants a ${parameter.kind}.`,
					{ data: { parameter: parameter.name } },
				);
			}
			return text;
		}
		case "secret":
			refuseShortSecret(parameter.name, text);
			return text;
		default:
			return text;
	}
}

/** A parameter's value as its type has it, also when a step captured it; what does not read as its type stays as it is. */
export function typedValue({ type }: Pick<Parameter, "type">, value: JsonValue): JsonValue {
	if (type === "number" && typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))) {
		return Number(value);
	}
	if (type === "boolean") return value === "true" ? true : value === "false" ? false : value;
	if (type === "number" || typeof value === "string" || value === null) return value;
	return JSON.stringify(value);
}

/** Throws `parameter-invalid` for a secret that is too short to be masked in the output. `next`: what a person can do. */
export function refuseShortSecret(
	name: string,
	value: JsonValue,
	next = "Give a longer secret, or make it a parameter of type string, which is recorded.",
): void {
	const text = typeof value === "string" ? value : JSON.stringify(value);
	if (text.length >= shortestMaskedSecret) return;
	throw new ProblemError(
		"parameter-invalid",
		`\`${name}\` has fewer than ${shortestMaskedSecret} characters: it could not be kept out of the output.`,
		{ next, data: { parameter: name } },
	);
}

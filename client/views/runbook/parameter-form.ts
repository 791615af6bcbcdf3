import type { JsonValue } from "../../../core/json.ts";
import { needsValue, type Parameter } from "../../../core/runbook.ts";

/** What a field holds while it is filled in: text, or a tick. */
export type FieldValue = string | boolean;

/** What a field begins with: the default, a remembered value, or nothing. */
export function firstValue(parameter: Parameter, targets: readonly { name: string; kind: string }[]): FieldValue {
	if (parameter.type === "boolean") return parameter.default === true || parameter.default === "true";
	if (parameter.default !== undefined && parameter.default !== null) {
		const text = typeof parameter.default === "string" ? parameter.default : JSON.stringify(parameter.default);
		// A default that is not configured here is shown as the choice that is still to be made.
		if (parameter.type === "target" && !targets.some((t) => t.name === text)) return onlyTarget(parameter, targets);
		return text;
	}
	return parameter.type === "target" ? onlyTarget(parameter, targets) : "";
}

function onlyTarget(parameter: Parameter, targets: readonly { name: string; kind: string }[]): string {
	const fitting = targets.filter((t) => parameter.kind === undefined || t.kind === parameter.kind);
	return fitting.length === 1 ? (fitting[0]?.name ?? "") : "";
}

/** What is wrong with a field, in words; null when nothing is. The server checks again. */
export function fieldError(parameter: Parameter, value: FieldValue): string | null {
	if (typeof value === "boolean") return null;
	const text = value.trim();
	if (needsValue(parameter, text)) return "It needs a value.";
	if (text === "") return null;
	if (parameter.type === "number" && !Number.isFinite(Number(text))) return "It must be a number.";
	if (parameter.type === "duration" && !/^\d+(\.\d+)?\s*(ms|s|m|h|d)$/.test(text))
		return "Write it as 500ms, 30s, 5m or 2h.";
	if (parameter.type === "choice" && parameter.choices?.includes(text) === false) return "Choose one of those listed.";
	return null;
}

/** The values to open a session with: what was left empty is left out, numbers are numbers. */
export function openingValues(
	parameters: readonly Parameter[],
	fields: ReadonlyMap<string, FieldValue>,
): Record<string, JsonValue> {
	const values: Record<string, JsonValue> = {};
	for (const parameter of parameters) {
		const value = fields.get(parameter.name);
		if (value === undefined || value === "") continue;
		const read = typeof value === "string" && parameter.type === "number" ? Number(value) : value;
		Object.defineProperty(values, parameter.name, {
			value: read,
			enumerable: true,
			configurable: true,
			writable: true,
		});
	}
	return values;
}

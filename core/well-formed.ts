import type { JsonValue } from "./json.ts";

/** Whether every text in a value is whole characters: half of a surrogate pair has no bytes, so no record can keep it. */
export function isWellFormed(value: JsonValue): boolean {
	if (typeof value === "string") return !/\p{Surrogate}/u.test(value);
	if (Array.isArray(value)) return value.every(isWellFormed);
	if (typeof value !== "object" || value === null) return true;
	return Object.entries(value).every(([key, inner]) => isWellFormed(key) && isWellFormed(inner));
}

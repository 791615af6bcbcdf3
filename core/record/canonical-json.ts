import canonicalize from "canonicalize";
import type { JsonValue } from "../json.ts";

/**
 * Canonical JSON as RFC 8785 (JCS) defines it.
 * Numbers that are not safe integers nor finite fractions throw: large integers travel as strings,
 * because the format would round them silently.
 */
export function canonicalJson(value: JsonValue): string {
	assertExact(value);
	const text = canonicalize(value);
	if (text === undefined) throw new TypeError("A value without a JSON form can't be made canonical.");
	return text;
}

function assertExact(value: JsonValue): void {
	if (typeof value === "number") {
		if (!Number.isFinite(value)) throw new RangeError("NaN and infinities have no JSON form.");
		if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
			throw new RangeError(`${value} is beyond 2^53: write it as a string.`);
		}
	} else if (Array.isArray(value)) {
		for (const item of value) assertExact(item);
	} else if (value !== null && typeof value === "object") {
		for (const item of Object.values(value)) if (item !== undefined) assertExact(item);
	}
}

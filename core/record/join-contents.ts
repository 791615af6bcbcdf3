import type { JsonObject, JsonValue } from "../json.ts";
import { isContentReference } from "./content-references.ts";

/** The same data with the texts that are still there; what was erased stays a bare reference. */
export function joinContents(data: JsonObject, find: (ref: string) => string | null): JsonObject {
	const walk = (value: JsonValue): JsonValue => {
		if (typeof value !== "object" || value === null) return value;
		if (Array.isArray(value)) return value.map(walk);
		if (isContentReference(value)) {
			const content = find(value.ref);
			return content === null ? { ref: value.ref, bytes: value.bytes } : { ...value, content };
		}
		return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));
	};
	return walk(data) as JsonObject;
}

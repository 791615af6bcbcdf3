import type { JsonValue } from "../json.ts";

/** Where an event says that a text stands beside it. `bytes` is the length of its UTF-8. */
export interface ContentReference {
	ref: string;
	bytes: number;
}

const refForm = /^[0-9a-f]{64}$/;

/** Whether a value of an event's data is a reference to content: exactly `{ref, bytes}`, or these with the joined `content`. */
export function isContentReference(value: JsonValue): value is { ref: string; bytes: number; content?: string } {
	return (
		typeof value === "object" &&
		value !== null &&
		!Array.isArray(value) &&
		typeof value.ref === "string" &&
		refForm.test(value.ref) &&
		typeof value.bytes === "number" &&
		Object.keys(value).every((key) => key === "ref" || key === "bytes" || key === "content")
	);
}

/** Every content that an event's data refers to, in the order of its keys. */
export function* contentReferences(data: JsonValue): Generator<ContentReference> {
	if (typeof data !== "object" || data === null) return;
	if (isContentReference(data)) {
		yield { ref: data.ref, bytes: data.bytes };
		return;
	}
	for (const value of Array.isArray(data) ? data : Object.values(data)) yield* contentReferences(value);
}

import { createHmac } from "node:crypto";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { isContentReference } from "../../core/record/content-references.ts";

export const saltBytes = 32;

/** A text that goes into the content store: `ref` in hex is HMAC-SHA256(salt, content). */
export interface SealedContent {
	ref: string;
	salt: Buffer;
	content: Buffer;
}

/** An event's data as it is hashed, with the texts that were taken out of it. */
export interface SealedData {
	data: JsonObject;
	contents: SealedContent[];
}

/**
 * Takes the texts out of a draft's data: each `{content}` becomes `{ref, bytes}` under a fresh random salt, what is
 * sealed already keeps its reference. Drafts are validated before, so `{content}` is nothing but a text to seal.
 */
export function sealContents(data: JsonValue, random: (bytes: number) => Uint8Array): SealedData {
	const contents: SealedContent[] = [];
	const walk = (value: JsonValue): JsonValue => {
		if (typeof value !== "object" || value === null) return value;
		if (Array.isArray(value)) return value.map(walk);
		if (isContentReference(value)) return { ref: value.ref, bytes: value.bytes };
		const { content } = value;
		if (typeof content === "string" && Object.keys(value).length === 1) {
			const salt = Buffer.from(random(saltBytes));
			const bytes = Buffer.from(content);
			const ref = createHmac("sha256", salt).update(bytes).digest("hex");
			contents.push({ ref, salt, content: bytes });
			return { ref, bytes: bytes.length };
		}
		const sealed: JsonObject = {};
		for (const [key, item] of Object.entries(value)) if (item !== undefined) sealed[key] = walk(item);
		return sealed;
	};
	return { data: walk(data) as JsonObject, contents };
}

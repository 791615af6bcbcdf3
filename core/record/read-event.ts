import { z } from "zod";
import type { JsonObject, JsonValue } from "../json.ts";
import { type Envelope, envelopeSchema, maxEventBytes } from "../session-event.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { RecordCrypto } from "./record-crypto.ts";

/** An event read strictly, or why it is none. */
export type ReadEvent = { ok: true; event: Envelope } | { ok: false; reason: string };

/** UTC with milliseconds, as `Date.toISOString` writes it. */
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const strictEnvelope = envelopeSchema
	.extend({
		at: z.string().regex(timeForm),
		mono: z.string().regex(/^\d{1,20}$/),
		// JSON.parse has made sure that everything inside is JSON.
		data: z.custom<JsonObject>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
	})
	.strict();

/**
 * Reads an event's bytes. Refuses more than 60,000 bytes, what is not UTF-8, not canonical JSON (RFC 8785; a duplicate
 * key can't be canonical), a number that JSON would round, and an envelope with a field missing, wrong or unknown.
 */
export function readEvent(bytes: Uint8Array, crypto: Pick<RecordCrypto, "encode" | "decode">): ReadEvent {
	if (bytes.length > maxEventBytes) return no(`it has ${bytes.length} bytes, more than ${maxEventBytes}`);
	let text: string;
	try {
		text = crypto.decode(bytes);
	} catch {
		return no("it is not UTF-8");
	}
	let value: JsonValue;
	try {
		value = JSON.parse(text) as JsonValue;
	} catch {
		return no("it is not JSON");
	}
	try {
		if (canonicalJson(value) !== text) return no("it is not canonical JSON, or has a key twice");
	} catch {
		return no("it has a value that canonical JSON can't hold");
	}
	const parsed = strictEnvelope.safeParse(value);
	if (!parsed.success) {
		const field = parsed.error.issues[0]?.path.join(".");
		return no(`its envelope is wrong at ${field ? `\`${field}\`` : "the top"}`);
	}
	return { ok: true, event: parsed.data as Envelope };
}

function no(reason: string): ReadEvent {
	return { ok: false, reason };
}

/**
 * One reply of a Redis server with its wire type kept (RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/),
 * so that it can be printed exactly as redis-cli prints it. A client library gives `+OK` and `$2 OK` back as the same
 * value; here they stay apart. Errors are values too: inside EXEC some replies fail while others succeed.
 */
export type RedisReply =
	| { kind: "status"; text: string }
	| { kind: "error"; text: string }
	/** The exact bytes, which need not be UTF-8. */
	| { kind: "bulk"; bytes: Uint8Array }
	/** Beyond ±2^53 a decimal string, because a number would lose digits. */
	| { kind: "integer"; value: number | string }
	| { kind: "nil" }
	| { kind: "array"; items: RedisReply[] };

/** A status', bulk's, integer's or error's text (UTF-8, U+FFFD for what is not); null for nil and arrays. */
export function replyText(reply: RedisReply | undefined): string | null {
	switch (reply?.kind) {
		case "status":
		case "error":
			return reply.text;
		case "bulk":
			return new TextDecoder("utf-8", { ignoreBOM: true }).decode(reply.bytes);
		case "integer":
			return String(reply.value);
		default:
			return null;
	}
}

/** The texts of an array's items; an empty list for anything else. */
export function replyTexts(reply: RedisReply | undefined): (string | null)[] {
	return reply?.kind === "array" ? reply.items.map(replyText) : [];
}

/** Reads a flat `[field, value, field, value ...]` array, as SENTINEL MASTER gives it. */
export function replyFields(reply: RedisReply | undefined): Record<string, string> {
	const texts = replyTexts(reply);
	const fields: Record<string, string> = {};
	for (let i = 0; i + 1 < texts.length; i += 2) {
		const [name, value] = [texts[i], texts[i + 1]];
		if (typeof name === "string" && typeof value === "string") fields[name] = value;
	}
	return fields;
}

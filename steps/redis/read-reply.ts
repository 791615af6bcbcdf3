import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { RedisReply } from "../../targets/redis/redis-reply.ts";

/**
 * The typed value of a reply, as expressions see it in `result`:
 *
 * - integers are numbers (strings beyond 2^53), strings are text (UTF-8, U+FFFD for what is not), nil is null;
 * - an error is `{error: "ERR ..."}`, also inside a list;
 * - INFO is an object of its fields, numbers typed, `slave0:ip=...,port=...` an object of its own;
 * - flat lists of names and values (SENTINEL MASTER, REPLICAS, SENTINELS, CONFIG GET, HGETALL ...) are objects.
 */
export function readReply(argv: readonly string[], reply: RedisReply): JsonValue {
	const [command, sub] = argv.slice(0, 2).map((word) => word.toUpperCase());
	if (command === "INFO" && reply.kind === "bulk") return readInfo(textOf(reply.bytes));
	if (command === "CLUSTER" && sub === "INFO" && reply.kind === "bulk") return readInfo(textOf(reply.bytes));
	if (command === "CLIENT" && sub === "INFO" && reply.kind === "bulk") return readClient(textOf(reply.bytes));
	if (command === "CLIENT" && sub === "LIST" && reply.kind === "bulk") {
		return textOf(reply.bytes).split("\n").filter(Boolean).map(readClient);
	}
	if (command === "SENTINEL" && reply.kind === "array") {
		if (sub === "MASTER" || sub === "CONFIG") return readPairs(reply.items, scalar);
		if (sub === "MASTERS" || sub === "REPLICAS" || sub === "SLAVES" || sub === "SENTINELS") {
			return reply.items.map((item) => (item.kind === "array" ? readPairs(item.items, scalar) : plain(item)));
		}
	}
	if (command === "CONFIG" && sub === "GET" && reply.kind === "array") return readPairs(reply.items, scalar);
	if (command === "MEMORY" && sub === "STATS" && reply.kind === "array") return readPairs(reply.items, plain);
	// What people stored stays text: a value `007` is no number.
	if (command === "HGETALL" && reply.kind === "array") return readPairs(reply.items, plain);
	if (command === "ACL" && sub === "GETUSER" && reply.kind === "array") return readPairs(reply.items, plain);
	if (command === "XINFO" && sub === "STREAM" && reply.kind === "array") return readPairs(reply.items, plain);
	if (command === "PUBSUB" && sub === "NUMSUB" && reply.kind === "array") return readPairs(reply.items, plain);
	if (command === "XINFO" && sub === "GROUPS" && reply.kind === "array") {
		return reply.items.map((item) => (item.kind === "array" ? readPairs(item.items, plain) : plain(item)));
	}
	return plain(reply);
}

function plain(reply: RedisReply): JsonValue {
	switch (reply.kind) {
		case "status":
			return reply.text;
		case "bulk":
			return textOf(reply.bytes);
		case "integer":
			return reply.value;
		case "nil":
			return null;
		case "error":
			return { error: reply.text };
		case "array":
			return reply.items.map(plain);
	}
}

function scalar(reply: RedisReply): JsonValue {
	return reply.kind === "bulk" ? typed(textOf(reply.bytes)) : plain(reply);
}

/** A flat list of names and values. A list that is none (an odd number, a name that is no text) stays a list. */
function readPairs(items: readonly RedisReply[], value: (reply: RedisReply) => JsonValue): JsonValue {
	if (items.length % 2 !== 0) return items.map(plain);
	const object: JsonObject = {};
	for (let at = 0; at < items.length; at += 2) {
		const name = items[at];
		const given = items[at + 1];
		if (given === undefined || (name?.kind !== "bulk" && name?.kind !== "status")) return items.map(plain);
		setField(object, name.kind === "bulk" ? textOf(name.bytes) : name.text, value(given));
	}
	return object;
}

function readInfo(text: string): JsonObject {
	const fields: JsonObject = {};
	for (const line of text.split(/\r?\n/)) {
		const colon = line.indexOf(":");
		if (colon < 1 || line.startsWith("#")) continue;
		const value = line.slice(colon + 1);
		setField(fields, line.slice(0, colon), isFieldList(value) ? readFieldList(value) : typed(value));
	}
	return fields;
}

/** `ip=127.0.0.1,port=6380,state=online` and nothing else: a version or a path with a comma is none. */
function isFieldList(value: string): boolean {
	return /^[\w.-]+=[^,]*(?:,[\w.-]+=[^,]*)*$/.test(value);
}

function readFieldList(value: string): JsonObject {
	const fields: JsonObject = {};
	for (const part of value.split(",")) {
		const equals = part.indexOf("=");
		setField(fields, part.slice(0, equals), typed(part.slice(equals + 1)));
	}
	return fields;
}

function readClient(line: string): JsonObject {
	const fields: JsonObject = {};
	for (const part of line.trim().split(" ")) {
		const equals = part.indexOf("=");
		if (equals > 0) setField(fields, part.slice(0, equals), typed(part.slice(equals + 1)));
	}
	return fields;
}

/** Numbers as Redis writes them become numbers; what has a leading zero or too many digits (ids, hashes) stays text. */
function typed(text: string): JsonValue {
	if (!/^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,6})?$/.test(text)) return text;
	const number = Number(text);
	return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number;
}

/** Names come from a server: `__proto__` must not reach a prototype. */
function setField(object: JsonObject, name: string, value: JsonValue): void {
	Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function textOf(bytes: Uint8Array): string {
	return new TextDecoder().decode(bytes);
}

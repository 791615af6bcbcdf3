import type { RedisReply } from "../../targets/redis/redis-reply.ts";

/** Settings of a server that are secrets. */
const secretSettings = /^(requirepass|masterauth|tls-(client-)?key-file-pass|sentinel-pass)$/i;

const hidden: RedisReply = { kind: "bulk", bytes: new TextEncoder().encode("********") };

/**
 * The reply without the secrets that a server tells of itself: passwords in CONFIG GET and SENTINEL CONFIG GET, hashes of
 * passwords in ACL LIST and ACL GETUSER. That a setting is empty is still told. `queued`: the commands that an EXEC answers.
 */
export function withoutSecrets(
	argv: readonly string[],
	reply: RedisReply,
	queued: readonly (readonly string[])[] = [],
): RedisReply {
	if (reply.kind !== "array") return reply;
	const [first = "", second = "", third = ""] = argv.map((word) => word.toUpperCase());
	if (first === "EXEC") {
		return { kind: "array", items: reply.items.map((item, index) => withoutSecrets(queued[index] ?? [], item)) };
	}
	if ((first === "CONFIG" && second === "GET") || (first === "SENTINEL" && second === "CONFIG" && third === "GET")) {
		return withHidden(reply.items, (name, value) => {
			const isEmpty = value.kind !== "bulk" || value.bytes.length === 0;
			return secretSettings.test(name) && !isEmpty ? hidden : value;
		});
	}
	if (first === "ACL" && second === "GETUSER") {
		return withHidden(reply.items, (name, value) =>
			name === "passwords" && value.kind === "array" ? { kind: "array", items: value.items.map(() => hidden) } : value,
		);
	}
	if (first === "ACL" && second === "LIST") return { kind: "array", items: reply.items.map(withoutHashes) };
	return reply;
}

/** A flat list of names and values, with other values. */
function withHidden(items: readonly RedisReply[], other: (name: string, value: RedisReply) => RedisReply): RedisReply {
	return {
		kind: "array",
		items: items.map((item, at) => (at % 2 === 1 ? other(textOf(items[at - 1]), item) : item)),
	};
}

function withoutHashes(item: RedisReply): RedisReply {
	if (item.kind !== "bulk") return item;
	const text = textOf(item).replace(/(^|\s)([#!])[0-9a-f]{64}(?=\s|$)/gi, "$1$2********");
	return { kind: "bulk", bytes: new TextEncoder().encode(text) };
}

function textOf(reply: RedisReply | undefined): string {
	if (reply?.kind === "status") return reply.text;
	return reply?.kind === "bulk" ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(reply.bytes) : "";
}

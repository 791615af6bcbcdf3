import type { RedisReply } from "../../targets/redis/redis-reply.ts";

/**
 * Prints a reply as redis-cli does on a terminal (`cliFormatReplyTTY` in redis-cli.c, 7.0), each line ended by `\n`:
 * statuses bare, strings quoted with their bytes escaped, integers and errors marked, arrays numbered and indented.
 */
export function formatReply(reply: RedisReply, prefix = ""): string {
	switch (reply.kind) {
		case "status":
			return `${reply.text}\n`;
		case "error":
			return `(error) ${reply.text}\n`;
		case "integer":
			return `(integer) ${reply.value}\n`;
		case "bulk":
			return `${quote(reply.bytes)}\n`;
		case "nil":
			return "(nil)\n";
		case "array":
			return formatItems(reply.items, prefix);
	}
}

function formatItems(items: readonly RedisReply[], prefix: string): string {
	if (items.length === 0) return "(empty array)\n";
	const width = String(items.length).length;
	const inner = prefix + " ".repeat(width + 2);
	// The first item stands on the line of its parent's number, so it has no indent of its own.
	return items
		.map((item, at) => `${at === 0 ? "" : prefix}${String(at + 1).padStart(width)}) ${formatReply(item, inner)}`)
		.join("");
}

/** Named escapes of `sdscatrepr` (sds.c). */
const escapes: Record<number, string> = {
	7: "\\a",
	8: "\\b",
	9: "\\t",
	10: "\\n",
	13: "\\r",
	34: '\\"',
	92: "\\\\",
};

function quote(bytes: Uint8Array): string {
	let text = '"';
	for (const byte of bytes) {
		const printable = byte >= 32 && byte < 127;
		text += escapes[byte] ?? (printable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`);
	}
	return `${text}"`;
}

/** Commands whose reply is text for a person: redis-cli prints these unquoted (`cliSendCommand` in redis-cli.c, 7.0). */
const texts: readonly { words: readonly string[]; arguments?: number }[] = [
	{ words: ["INFO"] },
	{ words: ["LOLWUT"] },
	{ words: ["DEBUG", "HTSTATS"] },
	{ words: ["DEBUG", "HTSTATS-KEY"] },
	{ words: ["DEBUG", "CLIENT-EVICTION"] },
	{ words: ["MEMORY", "MALLOC-STATS"] },
	{ words: ["MEMORY", "DOCTOR"] },
	{ words: ["CLUSTER", "NODES"], arguments: 2 },
	{ words: ["CLUSTER", "INFO"], arguments: 2 },
	{ words: ["CLIENT", "LIST"] },
	{ words: ["CLIENT", "INFO"] },
	{ words: ["LATENCY", "GRAPH"], arguments: 3 },
	{ words: ["LATENCY", "DOCTOR"], arguments: 2 },
];

/** Prints the reply of a command as redis-cli does: what is text for a person comes as it is (with no newline added), the rest by `formatReply`. */
export function formatCommandReply(argv: readonly string[], reply: RedisReply): Uint8Array {
	const isText = texts.some(
		({ words, arguments: count }) =>
			words.every((word, at) => argv[at]?.toUpperCase() === word) && (count === undefined || argv.length === count),
	);
	if (isText && reply.kind === "bulk") return reply.bytes;
	return new TextEncoder().encode(isText && reply.kind === "error" ? `${reply.text}\n` : formatReply(reply));
}

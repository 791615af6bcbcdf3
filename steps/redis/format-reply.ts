import type { RedisReply } from "../../targets/redis/redis-reply.ts";

/** So many bytes, about, are printed at once. */
const pieceBytes = 64 * 1024;

interface OpenArray {
	items: readonly RedisReply[];
	at: number;
	/** Before each item but the first, which stands on the line of its parent's number. */
	prefix: string;
	width: number;
}

/**
 * Prints a reply as redis-cli does on a terminal (`cliFormatReplyTTY` in redis-cli.c, 7.0), each line ended by `\n`:
 * statuses bare, strings quoted with their bytes escaped, integers and errors marked, arrays numbered and indented.
 */
function* formatReply(reply: RedisReply): Generator<Uint8Array> {
	const open: OpenArray[] = [];
	let prefix = "";
	let printed: RedisReply | undefined = reply;
	while (printed) {
		if (printed.kind === "array" && printed.items.length > 0) {
			open.push({ items: printed.items, at: 0, prefix, width: String(printed.items.length).length });
		} else if (printed.kind === "bulk") yield* quote(printed.bytes);
		else yield Buffer.from(line(printed));
		for (let array = open.at(-1); array && array.at === array.items.length; array = open.at(-1)) open.pop();
		const array = open.at(-1);
		printed = array?.items[array.at];
		if (!array) continue;
		yield Buffer.from(`${array.at === 0 ? "" : array.prefix}${String(++array.at).padStart(array.width)}) `);
		prefix = array.prefix + " ".repeat(array.width + 2);
	}
}

function line(reply: Exclude<RedisReply, { kind: "bulk" }>): string {
	switch (reply.kind) {
		case "status":
			return `${reply.text}\n`;
		case "error":
			return `(error) ${reply.text}\n`;
		case "integer":
			return `(integer) ${reply.value}\n`;
		case "nil":
			return "(nil)\n";
		case "array":
			return "(empty array)\n";
	}
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

/** Each byte as it is printed inside quotes. */
const printedBytes = Array.from({ length: 256 }, (_, byte) => {
	const printable = byte >= 32 && byte < 127;
	return escapes[byte] ?? (printable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`);
});

function* quote(bytes: Uint8Array): Generator<Uint8Array> {
	for (let from = 0; from === 0 || from < bytes.length; from += pieceBytes) {
		const isLast = from + pieceBytes >= bytes.length;
		let text = from === 0 ? '"' : "";
		for (const byte of bytes.subarray(from, from + pieceBytes)) text += printedBytes[byte];
		yield Buffer.from(isLast ? `${text}"\n` : text);
	}
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

/**
 * Prints the reply of a command as redis-cli does: what is text for a person comes as it is (with no newline added), the
 * rest as values. In pieces, so that a large reply is printed in time that grows with its size only.
 */
export function* formatCommandReply(argv: readonly string[], reply: RedisReply): Generator<Uint8Array> {
	const isText = texts.some(
		({ words, arguments: count }) =>
			words.every((word, at) => argv[at]?.toUpperCase() === word) && (count === undefined || argv.length === count),
	);
	if (isText && reply.kind === "bulk") {
		for (let from = 0; from < reply.bytes.length; from += pieceBytes) {
			yield reply.bytes.subarray(from, from + pieceBytes);
		}
	} else if (isText && reply.kind === "error") yield Buffer.from(`${reply.text}\n`);
	else yield* joined(formatReply(reply));
}

/** Small pieces joined into fewer: each that is written costs a line of the recording. */
function* joined(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
	let parts: Uint8Array[] = [];
	let length = 0;
	for (const piece of pieces) {
		parts.push(piece);
		length += piece.length;
		if (length < pieceBytes) continue;
		yield Buffer.concat(parts);
		parts = [];
		length = 0;
	}
	if (length > 0) yield Buffer.concat(parts);
}

import type { RedisReply } from "./redis-reply.ts";

/** How much one reply may be, all that is nested in it included. */
export interface ReplyBounds {
	/** Bytes as they come over the wire. */
	bytes: number;
	/** Values: each costs memory of its own, however short it is. */
	items: number;
}

/** Arrays nest no deeper than this. */
const deepest = 32;

/** What the bytes said is not RESP2: a server that speaks something else, or a cut stream. */
export class RespError extends Error {
	override name = "RespError";
}

/** A reply that is larger than its bounds. It is given up before it is in memory. */
export class ReplyTooLarge extends Error {
	override name = "ReplyTooLarge";
}

interface OpenArray {
	items: RedisReply[];
	missing: number;
}

/**
 * Reads RESP2 from chunks cut anywhere and gives each whole reply once.
 * A bulk that spans many chunks is collected without being scanned again.
 */
export class RespReader {
	#pending: Buffer = Buffer.alloc(0);
	#open: OpenArray[] = [];
	/** Chunks of a bulk that has begun, and how many bytes it still lacks, its CRLF included. */
	#bulk: { chunks: Buffer[]; missing: number } | null = null;
	readonly #onReply: (reply: RedisReply) => void;
	readonly #bounds: ReplyBounds;
	/** What the reply that is being read may still have. */
	#left: ReplyBounds;

	constructor(bounds: ReplyBounds, onReply: (reply: RedisReply) => void) {
		this.#bounds = bounds;
		this.#left = { ...bounds };
		this.#onReply = onReply;
	}

	/**
	 * Takes the next chunk. Throws RespError on bytes that are no RESP2 and ReplyTooLarge as soon as a reply says that
	 * it is beyond its bounds; the stream is of no use after either.
	 */
	write(chunk: Buffer): void {
		let bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
		this.#pending = Buffer.alloc(0);
		while (bytes.length > 0) {
			if (this.#bulk !== null) {
				bytes = this.#continueBulk(this.#bulk, bytes);
				continue;
			}
			const end = bytes.indexOf("\r\n");
			if (end === -1) {
				if (bytes.length > 64 * 1024) throw new RespError("a line of more than 64 KiB");
				this.#pending = bytes;
				return;
			}
			const line = bytes.toString("utf8", 1, end);
			const type = bytes[0];
			bytes = bytes.subarray(end + 2);
			this.#take(end + 2, 1);
			const reply = this.#line(String.fromCharCode(type ?? 0), line);
			if (reply !== null) this.#value(reply);
		}
	}

	#continueBulk(bulk: { chunks: Buffer[]; missing: number }, bytes: Buffer): Buffer {
		const taken = bytes.subarray(0, bulk.missing);
		bulk.chunks.push(taken);
		bulk.missing -= taken.length;
		if (bulk.missing === 0) {
			this.#bulk = null;
			const whole = Buffer.concat(bulk.chunks);
			if (whole.toString("latin1", whole.length - 2) !== "\r\n") throw new RespError("a bulk without its end");
			this.#value({ kind: "bulk", bytes: whole.subarray(0, -2) });
		}
		return bytes.subarray(taken.length);
	}

	/** A reply that this line is, or null when it only begins one. */
	#line(type: string, line: string): RedisReply | null {
		switch (type) {
			case "+":
				return { kind: "status", text: line };
			case "-":
				return { kind: "error", text: line };
			case ":": {
				if (!/^[+-]?\d{1,20}$/.test(line)) throw new RespError(`\`${line}\` is no integer`);
				const value = Number(line);
				return { kind: "integer", value: Number.isSafeInteger(value) ? value : line };
			}
			case "$": {
				const length = this.#length(line);
				if (length === -1) return { kind: "nil" };
				this.#take(length + 2, 0);
				this.#bulk = { chunks: [], missing: length + 2 };
				return null;
			}
			case "*": {
				const length = this.#length(line);
				if (length === -1) return { kind: "nil" };
				if (length === 0) return { kind: "array", items: [] };
				if (this.#open.length >= deepest) throw new ReplyTooLarge(`arrays that nest more than ${deepest} deep`);
				if (length > this.#left.items) throw this.#tooMany();
				this.#open.push({ items: [], missing: length });
				return null;
			}
			default:
				throw new RespError("bytes that are no RESP2");
		}
	}

	#length(line: string): number {
		const length = Number(line);
		if (!/^-?\d{1,15}$/.test(line) || length < -1) throw new RespError(`a length of \`${line.slice(0, 100)}\``);
		return length;
	}

	#take(bytes: number, items: number): void {
		this.#left.bytes -= bytes;
		this.#left.items -= items;
		if (this.#left.bytes < 0) throw new ReplyTooLarge(`more than ${this.#bounds.bytes} bytes`);
		if (this.#left.items < 0) throw this.#tooMany();
	}

	#tooMany(): ReplyTooLarge {
		return new ReplyTooLarge(`more than ${this.#bounds.items} values`);
	}

	#value(value: RedisReply): void {
		let reply = value;
		for (;;) {
			const array = this.#open.at(-1);
			if (array === undefined) {
				this.#left = { ...this.#bounds };
				this.#onReply(reply);
				return;
			}
			array.items.push(reply);
			array.missing -= 1;
			if (array.missing > 0) return;
			this.#open.pop();
			reply = { kind: "array", items: array.items };
		}
	}
}

/** Writes a command as RESP2 wants it from clients: an array of bulks. */
export function writeCommand(argv: readonly (string | Uint8Array)[]): Buffer {
	const parts: Buffer[] = [Buffer.from(`*${argv.length}\r\n`)];
	for (const argument of argv) {
		const bytes = typeof argument === "string" ? Buffer.from(argument) : Buffer.from(argument);
		parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
	}
	return Buffer.concat(parts);
}

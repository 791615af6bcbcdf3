import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RedisReply } from "./redis-reply.ts";
import { type ReplyBounds, ReplyTooLarge, RespError, RespReader, writeCommand } from "./resp-reader.ts";

const wide: ReplyBounds = { bytes: 1024 * 1024, items: 1_000 };

function readAll(chunks: Buffer[], bounds = wide): RedisReply[] {
	const replies: RedisReply[] = [];
	const reader = new RespReader(bounds, (reply) => replies.push(reply));
	for (const chunk of chunks) reader.write(chunk);
	return replies;
}

function write(reply: RedisReply): Buffer {
	switch (reply.kind) {
		case "status":
			return Buffer.from(`+${reply.text}\r\n`);
		case "error":
			return Buffer.from(`-${reply.text}\r\n`);
		case "integer":
			return Buffer.from(`:${reply.value}\r\n`);
		case "nil":
			return Buffer.from("$-1\r\n");
		case "bulk":
			return Buffer.concat([Buffer.from(`$${reply.bytes.length}\r\n`), reply.bytes, Buffer.from("\r\n")]);
		case "array":
			return Buffer.concat([Buffer.from(`*${reply.items.length}\r\n`), ...reply.items.map(write)]);
	}
}

const line = fc.string({ unit: "binary", maxLength: 20 }).filter((text) => !/[\r\n\uFEFF]/.test(text));
const reply: fc.Arbitrary<RedisReply> = fc.letrec<{ reply: RedisReply }>((tie) => ({
	reply: fc.oneof(
		{ maxDepth: 4 },
		line.map((text): RedisReply => ({ kind: "status", text })),
		line.map((text): RedisReply => ({ kind: "error", text })),
		fc.maxSafeInteger().map((value): RedisReply => ({ kind: "integer", value })),
		fc.constant<RedisReply>({ kind: "nil" }),
		fc.uint8Array({ maxLength: 300 }).map((bytes): RedisReply => ({ kind: "bulk", bytes: Buffer.from(bytes) })),
		fc.array(tie("reply"), { maxLength: 5 }).map((items): RedisReply => ({ kind: "array", items })),
	),
})).reply;

describe("RespReader", () => {
	it("reads the same replies however the bytes are cut", () => {
		fc.assert(
			fc.property(
				fc.array(reply, { maxLength: 6 }),
				fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
				(replies, cuts) => {
					const bytes = Buffer.concat(replies.map(write));
					const chunks: Buffer[] = [];
					for (let at = 0; at < bytes.length; ) {
						const length = cuts.next().value ?? 1;
						chunks.push(bytes.subarray(at, at + length));
						at += length;
					}
					expect(readAll(chunks)).toEqual(replies);
				},
			),
			{ numRuns: 300 },
		);
	});

	it("keeps every digit of an integer that a number can't hold", () => {
		expect(readAll([Buffer.from(":9223372036854775807\r\n:9007199254740991\r\n")])).toEqual([
			{ kind: "integer", value: "9223372036854775807" },
			{ kind: "integer", value: 9007199254740991 },
		]);
	});

	it("takes a null array for nil", () => {
		expect(readAll([Buffer.from("*-1\r\n*2\r\n*0\r\n*-1\r\n")])).toEqual([
			{ kind: "nil" },
			{ kind: "array", items: [{ kind: "array", items: [] }, { kind: "nil" }] },
		]);
	});

	it.each(["HTTP/1.1 400 Bad Request\r\n", "$12a\r\n", ":1.5\r\n", "$2\r\nabcd", `+${"x".repeat(70_000)}`])(
		"refuses what is no RESP2 (%#)",
		(text) => {
			expect(() => readAll([Buffer.from(text)])).toThrow(RespError);
		},
	);

	it.each([
		["a bulk, by its length alone", "$101\r\n"],
		["a bulk of Redis' own limit", "$536870912\r\n"],
		["bulks together", `*2\r\n$40\r\n${"x".repeat(40)}\r\n$50\r\n`],
		["lines together", `*9\r\n${"+twenty bytes of line\r\n".repeat(9)}`],
		["an array, by its length alone", "*11\r\n"],
		["an array of two thousand million", "*2147483647\r\n"],
		["arrays in arrays", `*5\r\n${"*2\r\n:1\r\n:2\r\n".repeat(5)}`],
		["empty arrays in an array", `*3\r\n*4\r\n${"*0\r\n".repeat(4)}*6\r\n`],
	])("gives up what is beyond its bounds before it is in memory: %s", (_, text) => {
		expect(() => readAll([Buffer.from(text)], { bytes: 100, items: 10 })).toThrow(ReplyTooLarge);
	});

	it("gives up arrays that nest too deep", () => {
		expect(() => readAll([Buffer.from("*1\r\n".repeat(33))])).toThrow(ReplyTooLarge);
	});

	it("bounds each reply by itself, up to the last byte and value", () => {
		const bulk = `$94\r\n${"x".repeat(93)}y\r\n`;
		const array = `*9\r\n${":1\r\n".repeat(9)}`;
		const bounds = { bytes: Buffer.byteLength(bulk), items: 10 };
		expect(readAll([Buffer.from(`${bulk}${array}`.repeat(20))], bounds)).toHaveLength(40);
		expect(() => readAll([Buffer.from(bulk)], { ...bounds, bytes: bounds.bytes - 1 })).toThrow(ReplyTooLarge);
		expect(() => readAll([Buffer.from(array)], { ...bounds, items: 9 })).toThrow(ReplyTooLarge);
	});

	it("writes arguments as bulks, their length in bytes", () => {
		expect(writeCommand(["SET", "ä", ""]).toString()).toBe("*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$0\r\n\r\n");
	});
});

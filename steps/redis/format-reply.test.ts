import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hiddenCharacter } from "../../core/hidden-character.ts";
import type { RedisConnection } from "../../targets/redis/redis-connection.ts";
import { redisKind } from "../../targets/redis/redis-kind.ts";
import type { RedisReply } from "../../targets/redis/redis-reply.ts";
import { formatCommandReply } from "./format-reply.ts";
import { joinRedisCommand } from "./join-command.ts";
import { splitRedisCommand } from "./split-command.ts";
import { startTestRedis, type TestRedis } from "./test-redis.ts";

const print = (argv: readonly string[], reply: RedisReply) => Buffer.concat([...formatCommandReply(argv, reply)]);

describe("replies are printed as redis-cli prints them, byte for byte", () => {
	let redis: TestRedis;
	let connection: RedisConnection;

	beforeAll(async () => {
		redis = await startTestRedis();
		const member = (await redis.read()).members[0]!;
		connection = await redisKind.connect(
			redis.target,
			{ ...member, cluster: "orders", kind: "redis", environment: "lab" },
			{ readSecret: () => "", now: () => new Date() },
		);
		const fill = [
			["SET", "text", 'a "quoted" \\ text\twith\r\nlines\u0007\b\u0001\u007f é'],
			["SETRANGE", "binary", "3", "end"],
			["RPUSH", "twelve", ..."abcdefghijkl".split("")],
			["HSET", "hash", "field", "value", "empty", ""],
			["XADD", "stream", "1-1", "a", "1", "b", "2"],
			["XADD", "stream", "1-2", "c", "3"],
			["ZADD", "scores", "1.5", "one", "2", "two"],
			["GEOADD", "places", "13.361389", "38.115556", "Palermo"],
		];
		for (const argv of fill) await connection.call(argv);
	});
	afterAll(async () => {
		await connection?.close();
		await redis?.close();
	});

	it.each([
		"PING",
		"GET text",
		"GET binary",
		"GET missing",
		"STRLEN text",
		"DECR counter",
		"GET twelve",
		"NOSUCH command",
		"LRANGE twelve 0 -1",
		"LRANGE missing 0 -1",
		"HGETALL hash",
		"HMGET hash field nothing empty",
		"XRANGE stream - +",
		"XREAD COUNT 5 STREAMS stream 0",
		"XINFO STREAM stream FULL",
		"ZRANGE scores 0 -1 WITHSCORES",
		"GEOPOS places Palermo nobody",
		`EVAL "return{1,{2,{3,'x',{}}},false,redis.status_reply('FINE'),redis.error_reply('BAD luck')}" 0`,
		"CONFIG GET max*",
		"COMMAND INFO get nosuch",
		"COMMAND DOCS get",
		"ACL GETUSER default",
		"ACL CAT",
		"MEMORY DOCTOR",
		"LATENCY DOCTOR",
		"LATENCY GRAPH x",
		"LATENCY LATEST",
		"CLUSTER INFO",
		"CLUSTER NODES",
		"INFO nosuchsection",
		"LOLWUT VERSION 1",
		"ROLE",
		"SLOWLOG HELP",
		"SCAN 0 COUNT 1000",
		"SENTINEL MASTERS",
		"OBJECT ENCODING twelve",
		"DEBUG SLEEP 0",
	])("%s", async (line) => {
		const argv = splitRedisCommand(line) ?? [];
		const [printed, theirs] = [print(argv, await connection.call(argv)), await redis.cli(argv)];
		// DECR answers the next number each time it is asked.
		if (line.startsWith("DECR")) expect(printed.toString()).toMatch(/^\(integer\) -\d+\n$/);
		else expect(printed.toString("latin1")).toBe(theirs.toString("latin1"));
	});

	it("INFO, but for what has changed in between", async () => {
		const stable = (text: string) => text.replace(/\d+(\.\d+)?/g, "0").replace(/0[BKMG]\b/g, "0");
		const printed = print(["info", "replication"], await connection.call(["INFO", "replication"]));
		expect(stable(printed.toString())).toBe(stable((await redis.cli(["info", "replication"])).toString()));
	});

	it("CLIENT LIST comes unquoted", async () => {
		const printed = print(["CLIENT", "LIST"], await connection.call(["CLIENT", "LIST"]));
		expect(printed.toString()).toMatch(/^id=\d+ addr=127\.0\.0\.1:\d+ .* resp=2\n/);
	});
});

it("a large reply comes in pieces that nobody has to wait for long", () => {
	const bytes = Buffer.alloc(3_000_000, 0x01);
	const items = Array.from({ length: 100_000 }, () => ({ kind: "nil" as const }));
	for (const [argv, reply] of [
		[["GET", "k"], { kind: "bulk", bytes }],
		[["INFO"], { kind: "bulk", bytes }],
		[["LRANGE"], { kind: "array", items }],
	] satisfies [string[], RedisReply][]) {
		for (const piece of formatCommandReply(argv, reply)) expect(piece.length).toBeLessThan(2 ** 19);
	}
});

it("nested arrays are indented by the width of their numbers", () => {
	const ten = Array.from({ length: 10 }, (_, n) => ({ kind: "integer" as const, value: n }));
	expect(print([], { kind: "array", items: [{ kind: "nil" }, { kind: "array", items: ten }] }).toString()).toBe(
		"1) (nil)\n2)  1) (integer) 0\n    2) (integer) 1\n    3) (integer) 2\n    4) (integer) 3\n    5) (integer) 4\n" +
			"    6) (integer) 5\n    7) (integer) 6\n    8) (integer) 7\n    9) (integer) 8\n   10) (integer) 9\n",
	);
});

it.each([
	[["SET", "k", "a b"], 'SET k "a b"'],
	[["SET", "k", ""], 'SET k ""'],
	[["SET", "k", 'a"b\n\u0000'], 'SET k "a\\"b\\n\\x00"'],
	[["SET", "k", "it's"], 'SET k "it\'s"'],
	[["SET", "k", "a\u202eb\u2066"], 'SET k "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa6"'],
	[
		["SET", "k", "\ufeff\u0085\u061c\u180e\u200b"],
		'SET k "\\xef\\xbb\\xbf\\xc2\\x85\\xd8\\x9c\\xe1\\xa0\\x8e\\xe2\\x80\\x8b"',
	],
	[["SET", "k", "Ã© é 名"], 'SET k "Ã© é 名"'],
])("%j is written so that it splits into the same again", (argv, text) => {
	expect(joinRedisCommand(argv)).toBe(text);
	expect(splitRedisCommand(text)).toEqual(argv);
});

it("whatever the arguments are, what is written shows every character of them and splits into the same again", () => {
	const tricky = fc.constantFrom(
		"\u202e",
		"\u2069",
		"\u0085",
		"\x7f",
		"\0",
		"\\x",
		"\\",
		'"',
		"'",
		" ",
		"Ã",
		"©",
		"\xe2",
	);
	const argument = fc
		.array(fc.oneof(tricky, fc.string({ unit: "binary" })), { maxLength: 6 })
		.map((parts) => parts.join(""));
	fc.assert(
		fc.property(fc.array(argument, { minLength: 1, maxLength: 4 }), (argv) => {
			const text = joinRedisCommand(argv);
			expect(splitRedisCommand(text)).toEqual(argv);
			expect([...text].filter((char) => hiddenCharacter(char) !== null)).toEqual([]);
		}),
	);
});

it("bytes that are written as \\xHH are the text that redis-cli would send", () => {
	const line = '"\\xe2\\x80\\xae\\xc3\\xa9"';
	expect(splitRedisCommand(line)).toEqual(["\u202e\u00e9"]);
	expect(splitRedisCommand('"\\xff"')).toEqual(["\u00ff"]);
});

import { describe, expect, it } from "vitest";
import type { RedisReply } from "../../targets/redis/redis-reply.ts";
import { readReply } from "./read-reply.ts";

const bulk = (text: string): RedisReply => ({ kind: "bulk", bytes: new TextEncoder().encode(text) });
const list = (...items: (RedisReply | string)[]): RedisReply => ({
	kind: "array",
	items: items.map((item) => (typeof item === "string" ? bulk(item) : item)),
});

describe("a reply as expressions see it", () => {
	it("INFO is an object with its numbers typed and its lists read", () => {
		const info =
			"# Replication\r\nrole:master\r\nconnected_slaves:1\r\n" +
			"slave0:ip=127.0.0.1,port=6380,state=online,offset=14,lag=0\r\n" +
			"master_replid:0123456789012345678901234567890123456789\r\nmaster_repl_offset:9007199254740993\r\n" +
			"redis_git_sha1:00000000\r\nmem_fragmentation_ratio:1.50\r\nredis_version:7.0.15\r\nredis_build_id:ae4d7c971a948f0\r\n" +
			"db0:keys=3,expires=0,avg_ttl=0\r\nconfig_file:\r\nerrorstat_ERR:count=2\r\n";
		expect(readReply(["info", "all"], bulk(info))).toEqual({
			role: "master",
			connected_slaves: 1,
			slave0: { ip: "127.0.0.1", port: 6380, state: "online", offset: 14, lag: 0 },
			master_replid: "0123456789012345678901234567890123456789",
			master_repl_offset: "9007199254740993",
			redis_git_sha1: "00000000",
			mem_fragmentation_ratio: 1.5,
			redis_version: "7.0.15",
			redis_build_id: "ae4d7c971a948f0",
			db0: { keys: 3, expires: 0, avg_ttl: 0 },
			config_file: "",
			errorstat_ERR: { count: 2 },
		});
	});

	it("what Sentinel tells of a master and of its replicas are objects", () => {
		const master = list("name", "orders", "port", "6379", "flags", "master", "num-slaves", "2");
		const expected = { name: "orders", port: 6379, flags: "master", "num-slaves": 2 };
		expect(readReply(["SENTINEL", "MASTER", "orders"], master)).toEqual(expected);
		expect(readReply(["sentinel", "replicas", "orders"], list(master, master))).toEqual([expected, expected]);
		expect(readReply(["SENTINEL", "SENTINELS", "orders"], list())).toEqual([]);
		expect(readReply(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "orders"], list("127.0.0.1", "6379"))).toEqual([
			"127.0.0.1",
			"6379",
		]);
	});

	it("CONFIG GET is an object with numbers; HGETALL keeps what people stored as text", () => {
		expect(readReply(["CONFIG", "GET", "*"], list("maxmemory", "0", "appendonly", "no", "save", ""))).toEqual({
			maxmemory: 0,
			appendonly: "no",
			save: "",
		});
		expect(readReply(["HGETALL", "h"], list("id", "007", "n", "5"))).toEqual({ id: "007", n: "5" });
	});

	it("clients are objects", () => {
		expect(
			readReply(["CLIENT", "LIST"], bulk("id=3 addr=127.0.0.1:1 name= cmd=get\nid=4 addr=x:2 name=a cmd=ping\n")),
		).toEqual([
			{ id: 3, addr: "127.0.0.1:1", name: "", cmd: "get" },
			{ id: 4, addr: "x:2", name: "a", cmd: "ping" },
		]);
	});

	it("everything else keeps its shape: numbers, text, null, lists, errors inside them", () => {
		expect(readReply(["X"], { kind: "integer", value: 3 })).toBe(3);
		expect(readReply(["X"], { kind: "integer", value: "9007199254740993" })).toBe("9007199254740993");
		expect(readReply(["X"], { kind: "status", text: "OK" })).toBe("OK");
		expect(readReply(["X"], { kind: "nil" })).toBeNull();
		expect(readReply(["X"], list("a", { kind: "error", text: "ERR no" }, list()))).toEqual([
			"a",
			{ error: "ERR no" },
			[],
		]);
		expect(readReply(["GET", "x"], { kind: "bulk", bytes: Uint8Array.of(0xff, 0x61) })).toBe("\ufffda");
	});

	it("a name such as __proto__ is a field and no prototype", () => {
		const read = readReply(["HGETALL", "h"], list("__proto__", "x", "constructor", "y"));
		expect(Object.keys(read as object)).toEqual(["__proto__", "constructor"]);
		expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
	});

	it("a list with an odd number of items stays a list", () => {
		expect(readReply(["CONFIG", "GET", "x"], list("a", "b", "c"))).toEqual(["a", "b", "c"]);
	});
});

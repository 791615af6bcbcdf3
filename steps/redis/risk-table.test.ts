import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RedisConnection } from "../../targets/redis/redis-connection.ts";
import { redisKind } from "../../targets/redis/redis-kind.ts";
import { type RedisReply, replyText } from "../../targets/redis/redis-reply.ts";
import { commandRisk, reviewedCommands, reviewedRisk, takesOverConnection } from "./risk-table.ts";
import { startTestRedis, type TestRedis } from "./test-redis.ts";

const risk = (line: string) => reviewedRisk(line.split(" "));

describe("the reviewed table", () => {
	it.each([
		["CONFIG GET maxmemory", "read"],
		["config set maxmemory 1gb", "change"],
		["CONFIG REWRITE", "change"],
		["CLIENT LIST", "read"],
		["CLIENT PAUSE 20000 WRITE", "change"],
		["CLIENT KILL TYPE normal SKIPME yes", "change"],
		["SENTINEL MASTERS", "read"],
		["SENTINEL FAILOVER orders", "change"],
		["SENTINEL REMOVE orders", "destructive"],
		["SENTINEL CONFIG GET *", "read"],
		["SENTINEL CONFIG SET announce-ip x", "change"],
		["ACL LOG", "read"],
		["ACL LOG RESET", "change"],
		["ACL LOG 10", "read"],
		["REPLICAOF NO ONE", "change"],
		["EVAL return 0", "change"],
		["DEBUG SLEEP 1", "change"],
		["DEBUG SEGFAULT", "destructive"],
		["DEBUG something-new", "destructive"],
		["FLUSHALL", "destructive"],
		["flushdb async", "destructive"],
		["SHUTDOWN NOSAVE", "destructive"],
		["MODULE LOAD /tmp/x.so", "destructive"],
		["GET k", "read"],
		["DEL k", "change"],
		["MULTI", "read"],
	])("%s: %s", (line, expected) => {
		expect(risk(line)).toBe(expected);
	});

	it("has no word on a subcommand that it does not list", () => {
		expect(risk("CONFIG EXPLODE")).toBeNull();
		expect(risk("SENTINEL NEW-THING")).toBeNull();
		expect(risk("CLIENT")).toBeNull();
	});

	it("lists no command twice", () => {
		expect(new Set(reviewedCommands).size).toBe(reviewedCommands.length);
	});
});

describe("a command that is not in the table", () => {
	it("goes by the server's flags", () => {
		expect(commandRisk(["FT.SEARCH", "i"], ["readonly", "fast"])).toBe("read");
		expect(commandRisk(["FT.ADD", "i"], ["write", "denyoom"])).toBe("change");
		expect(commandRisk(["BOTH"], ["readonly", "write"])).toBe("change");
		expect(commandRisk(["FT.ADMIN", "i"], ["admin"])).toBe("destructive");
	});

	it("is destructive when the server does not know it or can't be asked", () => {
		expect(commandRisk(["FT.DROP", "i"], null)).toBe("destructive");
	});
});

it("commands that keep their connection are no steps", () => {
	for (const line of ["MONITOR", "subscribe a", "PSYNC ? -1", "CLIENT REPLY OFF", "QUIT", "HELLO 3"]) {
		expect(takesOverConnection(line.split(" "))).toBe(true);
	}
	expect(takesOverConnection(["CLIENT", "LIST"])).toBe(false);
	expect(takesOverConnection(["GET", "monitor"])).toBe(false);
});

describe("against a server's own list", () => {
	let redis: TestRedis;
	let commands: Map<string, string[]>;
	let connection: RedisConnection;

	beforeAll(async () => {
		redis = await startTestRedis();
		const topology = await redis.read();
		const member = topology.members[0]!;
		connection = await redisKind.connect(
			redis.target,
			{ ...member, cluster: "orders", kind: "redis", environment: "lab" },
			{ readSecret: () => "", now: () => new Date() },
		);
		commands = new Map();
		const collect = (reply: RedisReply): void => {
			if (reply.kind !== "array") return;
			const name = (replyText(reply.items[0]) ?? "").toUpperCase();
			const flags = reply.items[2]?.kind === "array" ? reply.items[2].items.map((f) => replyText(f) ?? "") : [];
			const subcommands = reply.items[9]?.kind === "array" ? reply.items[9].items : [];
			// A container by itself is nothing that can be sent.
			if (subcommands.length === 0 || name === "COMMAND") commands.set(name, flags);
			for (const sub of subcommands) collect(sub);
		};
		const listed = await connection.call(["COMMAND"]);
		if (listed.kind === "array") for (const entry of listed.items) collect(entry);
	});
	afterAll(async () => {
		await connection?.close();
		await redis?.close();
	});

	it("every command of this Redis is reviewed, or can't be a step", () => {
		expect(commands.size).toBeGreaterThan(300);
		const unlisted = [...commands.keys()].filter((name) => {
			const argv = name.split("|");
			return reviewedRisk(argv) === null && !takesOverConnection(argv);
		});
		expect(unlisted).toEqual([]);
	});

	it("nothing that writes counts as reading, and what counts as more than its flags say is named here", () => {
		const graver: string[] = [];
		for (const [name, flags] of commands) {
			const argv = name.split("|");
			const reviewed = reviewedRisk(argv);
			if (reviewed === null) continue;
			if (flags.includes("write")) expect([name, reviewed]).not.toEqual([name, "read"]);
			const byFlags = flags.includes("write") ? "change" : flags.includes("readonly") ? "read" : null;
			if (byFlags !== null && byFlags !== reviewed) graver.push(`${name} ${reviewed}`);
		}
		expect(graver.sort()).toEqual([
			"FLUSHALL destructive",
			"FLUSHDB destructive",
			"FUNCTION|DELETE destructive",
			"FUNCTION|FLUSH destructive",
		]);
	});

	it("the server is asked for the flags of a command and of its subcommand", async () => {
		const flags = await connection.commandFlags(["get", "config|get", "nosuch"]);
		expect(flags.get("get")).toContain("readonly");
		expect(flags.get("config|get")).toContain("admin");
		expect(flags.get("nosuch")).toBeNull();
	});
});

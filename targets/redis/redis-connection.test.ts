import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProblemError } from "../../core/problem.ts";
import type { PlanNode } from "../../core/target.ts";
import type { Target, TargetHost } from "../target-kind.ts";
import { type RedisConfig, redisConfig } from "./redis-config.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { redisKind } from "./redis-kind.ts";
import { replyText } from "./redis-reply.ts";

const host: TargetHost = {
	now: () => new Date(),
	readSecret: () => {
		throw new Error("no secret is configured");
	},
};

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as { port: number };
	server.close();
	return port;
}

let folder: string;
let server: ChildProcess;
let address: string;
let target: Target<RedisConfig>;
let connection: RedisConnection;

const node = (more: Partial<PlanNode> = {}): PlanNode => ({
	cluster: "plain",
	environment: "lab",
	kind: "redis",
	name: address,
	address,
	role: "master",
	id: null,
	...more,
});

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "runledger-redis-"));
	address = `127.0.0.1:${await freePort()}`;
	const port = address.split(":")[1] ?? "";
	server = spawn("redis-server", ["--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder], {
		stdio: "ignore",
	});
	target = {
		name: "plain",
		kind: "redis",
		environment: "lab",
		config: redisConfig.parse({ endpoints: [address], nodes: { alone: address } }),
	};
	for (let tries = 0; ; tries++) {
		try {
			connection = await redisKind.connect(target, node(), host);
			return;
		} catch (error) {
			if (tries > 200) throw error;
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}
});

afterAll(async () => {
	await connection?.close();
	server.kill("SIGKILL");
	if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
	rmSync(folder, { recursive: true, force: true });
});

describe("a direct connection to Redis", () => {
	it("tells a status from a bulk that reads the same", async () => {
		expect(await connection.call(["SET", "word", "OK"])).toEqual({ kind: "status", text: "OK" });
		expect(await connection.call(["GET", "word"])).toEqual({ kind: "bulk", bytes: Buffer.from("OK") });
		expect(await connection.call(["GET", "none"])).toEqual({ kind: "nil" });
	});

	it("keeps the digits of large integers and the bytes of values that are not text", async () => {
		await connection.call(["SET", "large", "9223372036854775806"]);
		expect(await connection.call(["INCR", "large"])).toEqual({ kind: "integer", value: "9223372036854775807" });
		await connection.call(["SETBIT", "bits", "0", "1"]);
		expect(await connection.call(["GET", "bits"])).toEqual({ kind: "bulk", bytes: Buffer.from([0x80]) });
	});

	it("gives an error inside EXEC beside the replies that succeeded", async () => {
		const replies = [["MULTI"], ["SET", "a", "x"], ["INCR", "a"], ["EXEC"]].map((argv) => connection.call(argv));
		const [multi, queued, , exec] = await Promise.all(replies);
		expect(multi).toEqual({ kind: "status", text: "OK" });
		expect(queued).toEqual({ kind: "status", text: "QUEUED" });
		expect(exec).toEqual({
			kind: "array",
			items: [
				{ kind: "status", text: "OK" },
				{ kind: "error", text: "ERR value is not an integer or out of range" },
			],
		});
	});

	it("gives an error reply as a value, the server's words unchanged", async () => {
		const reply = await connection.call(["NOSUCHCOMMAND", "x"]);
		expect(reply.kind).toBe("error");
		expect(replyText(reply)).toMatch(/^ERR unknown command/);
	});

	it("asks the server for the flags of commands, subcommands included", async () => {
		const flags = await connection.commandFlags(["get", "set", "config|get", "no-such-command"]);
		expect(flags.get("get")).toContain("readonly");
		expect(flags.get("set")).toContain("write");
		expect(flags.get("config|get")).toContain("admin");
		expect(flags.get("no-such-command")).toBeNull();
	});

	it("connects to the process that was planned and refuses another one at the same address", async () => {
		const same = await redisKind.connect(target, node({ id: connection.runId }), host);
		expect(replyText(await same.call(["PING"]))).toBe("PONG");
		await same.close();
		await expect(redisKind.connect(target, node({ id: "0".repeat(40) }), host)).rejects.toMatchObject({
			problem: { code: "node-changed" },
		});
	});

	it("says that a command may have happened when the connection is closed under it", async () => {
		const other = await redisKind.connect(target, node(), host);
		// Watched before the connection is closed: the refusal may come before the answer of the command that closed it.
		const refused = expect(other.call(["BLPOP", "nothing", "0"])).rejects.toMatchObject({
			problem: { code: "target-unreachable" },
		});
		await connection.call(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
		await refused;
		await expect(other.call(["PING"])).rejects.toBeInstanceOf(ProblemError);
	});

	it("gives up with the signal's reason, and answers nothing afterwards", async () => {
		const other = await redisKind.connect(target, node(), host);
		const cancel = new AbortController();
		const waiting = other.call(["BLPOP", "nothing", "0"], cancel.signal);
		cancel.abort(new ProblemError("cancelled"));
		await expect(waiting).rejects.toMatchObject({ problem: { code: "cancelled" } });
		await expect(other.call(["PING"])).rejects.toMatchObject({ problem: { code: "target-unreachable" } });
	});

	it("refuses an address where nobody listens, one that is no Redis, and one that never answers, within its bound", async () => {
		const nobody = `127.0.0.1:${await freePort()}`;
		await expect(redisKind.connect(target, node({ address: nobody }), host)).rejects.toMatchObject({
			problem: { code: "target-unreachable", data: { why: "connection refused" } },
		});
		const http = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0, "127.0.0.1");
		const silent = createServer(() => {}).listen(0, "127.0.0.1");
		await Promise.all([once(http, "listening"), once(silent, "listening")]);
		const at = (s: typeof http) => `127.0.0.1:${(s.address() as { port: number }).port}`;
		await expect(redisKind.connect(target, node({ address: at(http) }), host)).rejects.toMatchObject({
			problem: { code: "target-unreachable" },
		});
		const started = performance.now();
		await expect(redisKind.connect(target, node({ address: at(silent) }), host)).rejects.toMatchObject({
			problem: { code: "target-unreachable", data: { why: "no answer" } },
		});
		expect(performance.now() - started).toBeLessThan(6_000);
		http.close();
		silent.close();
	});
});

describe("the topology of a plain Redis without Sentinel", () => {
	it("names its master, by the name of the configuration", async () => {
		const observer = redisKind.observe(target, host);
		const topology = await observer.read();
		await observer.close();
		expect(topology.members).toMatchObject([
			{ name: "alone", address, role: "master", health: "up", id: connection.runId },
		]);
		expect(topology.disputes).toEqual([]);
		expect(topology.unreachableSince).toBeUndefined();
	});
});

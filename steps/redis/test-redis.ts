import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Topology } from "../../core/target.ts";
import { type RedisConfig, redisConfig } from "../../targets/redis/redis-config.ts";
import { redisKind } from "../../targets/redis/redis-kind.ts";
import type { Target } from "../../targets/target-kind.ts";

/** Real redis-server processes on loopback for the tests of this folder. */
export interface TestRedis {
	ports: number[];
	target: Target<RedisConfig>;
	/** The cluster as its observer reads it now. */
	read(): Promise<Topology>;
	/** What `redis-cli` prints for these arguments as it does on a terminal. */
	cli(argv: readonly string[], node?: number): Promise<Buffer>;
	/** Sends a signal to one of the servers. */
	signal(node: number, signal: NodeJS.Signals): void;
	close(): Promise<void>;
}

/** Starts a master and so many replicas, with names `cache-1`, `cache-2` ... */
export async function startTestRedis(replicas = 0): Promise<TestRedis> {
	const folder = mkdtempSync(join(tmpdir(), "runledger-redis-"));
	const ports: number[] = [];
	const processes: ChildProcess[] = [];
	for (let node = 0; node <= replicas; node++) {
		const port = await freePort();
		ports.push(port);
		const of = node === 0 ? [] : ["--replicaof", "127.0.0.1", String(ports[0])];
		const process = spawn(
			"redis-server",
			[
				"--port",
				String(port),
				"--bind",
				"127.0.0.1",
				"--save",
				"",
				"--dir",
				folder,
				"--dbfilename",
				`${port}.rdb`,
			].concat(["--enable-debug-command", "yes", "--repl-diskless-sync-delay", "0"], of),
			{ stdio: "ignore" },
		);
		processes.push(process);
	}
	const addresses = ports.map((port) => `127.0.0.1:${port}`);
	const target: Target<RedisConfig> = {
		name: "orders",
		kind: "redis",
		environment: "lab",
		config: redisConfig.parse({
			endpoints: addresses,
			nodes: Object.fromEntries(addresses.map((address, index) => [`cache-${index + 1}`, address])),
		}),
	};
	const observer = redisKind.observe(target, { readSecret: () => "", now: () => new Date() });
	const redis: TestRedis = {
		ports,
		target,
		read: () => observer.read(),
		async cli(argv, node = 0) {
			const { stdout } = await promisify(execFile)("redis-cli", ["-p", String(ports[node]), "--no-raw", ...argv], {
				encoding: "buffer",
				maxBuffer: 64 * 2 ** 20,
			});
			return stdout;
		},
		signal(node, signal) {
			processes[node]?.kill(signal);
		},
		async close() {
			await observer.close();
			for (const process of processes) {
				process.kill("SIGCONT");
				process.kill("SIGKILL");
			}
			await Promise.all(
				processes.map((p) => p.exitCode ?? p.signalCode ?? new Promise((done) => p.once("exit", done))),
			);
			rmSync(folder, { recursive: true, force: true });
		},
	};
	const until = performance.now() + 20_000;
	for (;;) {
		const { members } = await redis.read();
		const ready = members.length === ports.length && members.every((m) => m.health === "up");
		// A replica calls itself one before it has its data, and its master calls it online later still.
		const online = ready ? (await redis.cli(["INFO", "replication"])).toString().split("state=online").length - 1 : -1;
		if (online === replicas) return redis;
		if (performance.now() > until) {
			await redis.close();
			throw new Error(`The test's Redis did not start: ${JSON.stringify(members)}`);
		}
		await new Promise((done) => setTimeout(done, 50));
	}
}

async function freePort(): Promise<number> {
	return new Promise((done, fail) => {
		const server = createServer();
		server.once("error", fail);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			const port = typeof address === "object" && address ? address.port : 0;
			server.close(() => done(port));
		});
	});
}

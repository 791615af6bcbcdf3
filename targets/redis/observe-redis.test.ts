import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Member, PlanNode } from "../../core/target.ts";
import type { ClusterObserver, Target } from "../target-kind.ts";
import { type RedisConfig, redisConfig } from "./redis-config.ts";
import { redisKind } from "./redis-kind.ts";

const hourMs = 3_600_000;

let folder: string;
let processes: ChildProcess[];
let observer: ClusterObserver | null;
/** How far the observer's clock is ahead. */
let aheadMs: number;
const host = {
	now: () => new Date(Date.now() + aheadMs),
	readSecret: () => {
		throw new Error("no secret is configured");
	},
};

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "runledger-redis-"));
	processes = [];
	observer = null;
	aheadMs = 0;
});

afterEach(async () => {
	await observer?.close();
	for (const process of processes) {
		process.kill("SIGKILL");
		if (process.exitCode === null && process.signalCode === null) await once(process, "exit");
	}
	rmSync(folder, { recursive: true, force: true });
});

async function freePorts(count: number): Promise<number[]> {
	const servers = await Promise.all(
		Array.from({ length: count }, async () => {
			const server = createServer().listen(0, "127.0.0.1");
			await once(server, "listening");
			return server;
		}),
	);
	return servers.map((server) => {
		const { port } = server.address() as { port: number };
		server.close();
		return port;
	});
}

function startServer(port: number, ...more: string[]): void {
	const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
	processes.push(spawn("redis-server", [...options, ...more], { stdio: "ignore" }));
}

it("a node that was seen to become master is one since then, however late a Sentinel takes it for one", async () => {
	const [first = 0, second = 0, sentinel = 0] = await freePorts(3);
	startServer(first);
	startServer(second, "--replicaof", "127.0.0.1", String(first));
	const address = (port: number) => `127.0.0.1:${port}`;
	const target: Target<RedisConfig> = {
		name: "orders",
		kind: "redis",
		environment: "lab",
		config: redisConfig.parse({
			nodes: { one: address(first), two: address(second) },
			sentinels: [address(sentinel)],
			masterName: "orders",
		}),
	};
	const watched = redisKind.observe(target, host);
	observer = watched;
	const member = async (name: string): Promise<Member | undefined> =>
		(await watched.read()).members.find((one) => one.name === name);
	const patience = { timeout: 30_000, interval: 50 };
	// One that does not answer yet is no master either, but then nobody has seen what it is.
	await expect.poll(async () => await member("two"), patience).toMatchObject({ role: "replica", health: "up" });

	const node: PlanNode = {
		cluster: "orders",
		environment: "lab",
		kind: "redis",
		name: "two",
		address: address(second),
		role: "replica",
		id: null,
	};
	const connection = await redisKind.connect(target, node, host);
	await connection.call(["REPLICAOF", "NO", "ONE"]);
	await connection.close();
	await watched.read();
	aheadMs = hourMs;

	const file = join(folder, "sentinel.conf");
	writeFileSync(
		file,
		`port ${sentinel}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor orders 127.0.0.1 ${second} 1\n`,
	);
	processes.push(spawn("redis-server", [file, "--sentinel"], { stdio: "ignore" }));
	// Its own word is a matter of seconds: it has only just begun to look.
	const masterForMs = async () => (await member(address(sentinel)))?.facts?.masterForMs;
	await expect.poll(masterForMs, patience).toEqual(expect.any(Number));
	expect(await masterForMs()).toBeGreaterThanOrEqual(hourMs);

	// What is a master when it is first seen may have been one for any time: then the Sentinel's word counts.
	const late = redisKind.observe(target, { ...host, now: () => new Date() });
	try {
		const facts = (await late.read()).members.find(({ role }) => role === "sentinel")?.facts;
		expect(facts?.masterForMs).toEqual(expect.any(Number));
		expect(facts?.masterForMs).toBeLessThan(hourMs);
	} finally {
		await late.close();
	}
}, 90_000);

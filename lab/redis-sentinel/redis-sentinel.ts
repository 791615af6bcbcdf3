import { randomBytes } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "../../core/json.ts";
import { observeRedis } from "../../targets/redis/observe-redis.ts";
import { startRedisProbe } from "../../targets/redis/probe.ts";
import type { RedisConfig } from "../../targets/redis/redis-config.ts";
import { redisKind } from "../../targets/redis/redis-kind.ts";
import type { Target } from "../../targets/target-kind.ts";
import { findProgram } from "../find-program.ts";
import type { LabCluster, LabNode, LabStarter, LabSurroundings, LabTopology } from "../lab-topology.ts";
import { certificatePaths, makeCertificates } from "./lab-certificates.ts";
import { dataNodeFile, type LabSecrets, operatorUser, sentinelFile } from "./node-files.ts";
import { type RedisSentinelOptions, redisSentinelOptions } from "./redis-sentinel-options.ts";
import { seedRedis } from "./seed-redis.ts";
import { answersWithin, whatIsMissing } from "./set-readiness.ts";

const replicas = 2;
const sentinels = 3;
/** A cluster that is not whole after this long does not get there. */
const wholeWithinMs = 20_000;

/** One master, two replicas and three Sentinels with a quorum of two, each a process on loopback. */
export const redisSentinel: LabTopology<RedisSentinelOptions> = {
	kind: "redis-sentinel",
	title: "Redis with Sentinel",
	description: "1 master, 2 replicas and 3 Sentinels on this machine, on loopback ports of their own.",
	options: redisSentinelOptions,
	targetKind: redisKind,
	portsNeeded: () => 1 + replicas + sentinels,
	needs(options, path) {
		const server = findProgram("redis-server", path);
		const sentinel = findProgram("redis-sentinel", path);
		return [
			{ name: "redis-server", found: server, install: "apt-get install redis-server" },
			{
				name: "redis-sentinel",
				// The same program under another name: what is missing can be done without.
				found: sentinel ?? (server === null ? null : `${server} --sentinel`),
				install: "apt-get install redis-sentinel",
			},
			...(options.tls
				? [{ name: "openssl", found: findProgram("openssl", path), install: "apt-get install openssl" }]
				: []),
		];
	},
	plan: planRedisSentinel,
};

function planRedisSentinel(
	lab: { name: string; dir: string; options: RedisSentinelOptions; ports: number[] },
	around: LabSurroundings,
): LabCluster {
	const { name, dir, options } = lab;
	const masterName = options.masterName ?? name;
	const server = findProgram("redis-server", around.path) ?? "redis-server";
	const sentinelProgram = findProgram("redis-sentinel", around.path);
	const nodeDir = (node: string): string => join(dir, "nodes", node);
	const configFile = (node: string): string => join(nodeDir(node), "node.conf");
	const makeNode = (node: string, duty: string, port: number): LabNode => ({
		name: node,
		duty,
		port,
		address: `127.0.0.1:${port}`,
		file: duty === "sentinel" && sentinelProgram !== null ? sentinelProgram : server,
		args: [configFile(node), ...(duty === "sentinel" && sentinelProgram === null ? ["--sentinel"] : [])],
	});
	const dataPorts = lab.ports.slice(0, 1 + replicas);
	const sentinelPorts = lab.ports.slice(1 + replicas, 1 + replicas + sentinels);
	const dataNodes = dataPorts.map((port, at) => makeNode(`${options.prefix}-${at + 1}`, "data", port));
	const sentinelNodes = sentinelPorts.map((port, at) => makeNode(`sentinel-${at + 1}`, "sentinel", port));
	const nodes = [...dataNodes, ...sentinelNodes];

	const secretsDir = join(dir, "secrets");
	const secretFile = (secret: keyof LabSecrets): string => join(secretsDir, secret);
	const certificates = options.tls ? certificatePaths(join(dir, "tls")) : null;
	const config: RedisConfig = {
		sentinels: sentinelNodes.map((node) => node.address),
		masterName,
		nodes: Object.fromEntries(nodes.map((node) => [node.name, node.address])),
		...(options.auth && {
			user: operatorUser,
			password: { file: secretFile("data") },
			sentinelUser: operatorUser,
			sentinelPassword: { file: secretFile("sentinel") },
		}),
		...(certificates && { tls: certificates, sentinelTls: certificates }),
	};
	const target: Target<RedisConfig> = { name, kind: "redis", environment: "lab", config };
	const pristine = join(dir, "pristine");
	const original = dataNodes[0] as LabNode;
	let seeded = false;

	return {
		nodes,
		target,
		targetYaml: { kind: "redis", environment: "lab", ...(config as unknown as JsonObject) },
		async prepare() {
			if (options.auth) {
				await mkdir(secretsDir, { recursive: true, mode: 0o700 });
				// Not base64url: what begins with `-` is refused where a script has it as an argument of its own.
				for (const secret of ["data", "sentinel", "replication", "watch"] as const) {
					await writeFile(secretFile(secret), randomBytes(24).toString("hex"), { mode: 0o600 });
				}
			}
			if (options.tls) {
				await makeCertificates(findProgram("openssl", around.path) ?? "openssl", join(dir, "tls"));
			}
		},
		async lay() {
			const input = {
				masterName,
				options,
				dataPorts,
				sentinelPorts,
				sentinelIds: sentinelPorts.map(() => randomBytes(20).toString("hex")),
				certificates,
				secrets: options.auth ? await readSecrets(secretFile) : null,
			};
			for (const node of nodes) {
				await rm(nodeDir(node.name), { recursive: true, force: true });
				await mkdir(nodeDir(node.name), { recursive: true, mode: 0o700 });
			}
			if (seeded) await cp(pristine, join(nodeDir(original.name), "appendonlydir"), { recursive: true });
			for (const [at, node] of dataNodes.entries()) {
				await writeFile(configFile(node.name), dataNodeFile(input, at, nodeDir(node.name)), { mode: 0o600 });
			}
			for (const [at, node] of sentinelNodes.entries()) {
				await writeFile(configFile(node.name), sentinelFile(input, at, nodeDir(node.name)), { mode: 0o600 });
			}
		},
		async start(starter: LabStarter) {
			const deadline = around.monotonic() + wholeWithinMs;
			const left = (): number => Math.max(1, deadline - around.monotonic());
			// One after the other: a replica that finds no master waits a second before it asks again, and a Sentinel
			// that finds no replica looks again only after ten.
			await starter.start(original);
			await answersWithin(target, original.address, around, left(), starter.signal);
			await Promise.all(dataNodes.slice(1).map((node) => starter.start(node)));
			for (const node of dataNodes.slice(1)) {
				await answersWithin(target, node.address, around, left(), starter.signal);
			}
			await Promise.all(sentinelNodes.map((node) => starter.start(node)));
			const observer = observeRedis(target, around.host);
			try {
				for (;;) {
					starter.signal.throwIfAborted();
					const missing = whatIsMissing(await observer.read(), {
						master: original.address,
						replicas,
						sentinels,
					});
					if (missing === null) return;
					if (around.monotonic() > deadline) throw new Error(`the set is not whole: ${missing}`);
					await new Promise((resolve) => setTimeout(resolve, 40));
				}
			} finally {
				await observer.close();
			}
		},
		async seed() {
			await seedRedis(target, original.address, around.host, options.keys);
			// What the master has acknowledged is in its append-only file already, so a copy of that is the data.
			await cp(join(nodeDir(original.name), "appendonlydir"), pristine, { recursive: true });
			seeded = true;
		},
		startProbe: (probe) => startRedisProbe({ ...probe, target, host: around.host, monotonic: around.monotonic }),
	};
}

async function readSecrets(file: (secret: keyof LabSecrets) => string): Promise<LabSecrets> {
	const read = (secret: keyof LabSecrets) => readFile(file(secret), "utf8");
	return {
		data: await read("data"),
		sentinel: await read("sentinel"),
		replication: await read("replication"),
		watch: await read("watch"),
	};
}

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { isProblem } from "../core/problem.ts";
import { type PlanNode, resolveTarget } from "../core/target.ts";
import { type RedisConfig, redisConfig } from "../targets/redis/redis-config.ts";
import { redisKind } from "../targets/redis/redis-kind.ts";
import { replyText } from "../targets/redis/redis-reply.ts";
import type { Target, TargetHost } from "../targets/target-kind.ts";
import { labDown, labFault, labProbeStart, labProbeStop, labStatus, labUp } from "./lab-client.ts";
import { labFolder } from "./lab-folder.ts";

/** One lab that uses it all: ACL users, other credentials for Sentinels, TLS with certificates on both sides. */
const lab = { home: "", name: "vault" };
const host: TargetHost = {
	now: () => new Date(),
	readSecret: (source) => ("file" in source ? readFileSync(source.file, "utf8") : ""),
};
let target: Target<RedisConfig>;

async function masterNode(of = target): Promise<PlanNode | string> {
	const observer = redisKind.observe(of, host);
	try {
		const node = resolveTarget(await observer.read(), { cluster: "vault", role: "master" });
		return isProblem(node) ? node.code : node;
	} finally {
		await observer.close();
	}
}

beforeAll(async () => {
	lab.home = mkdtempSync(join(tmpdir(), "runledger-lab-test-"));
	await labUp({
		...lab,
		kind: "redis-sentinel",
		options: { auth: true, tls: true, masterName: "vault-main" },
		path: process.env.PATH ?? "",
		now: new Date(),
	});
	const written = parse(readFileSync(labFolder(lab.home, "vault").targets, "utf8")).targets.vault;
	const { kind, environment, ...config } = written;
	expect([kind, environment]).toEqual(["redis", "lab"]);
	target = { name: "vault", kind: "redis", environment: "lab", config: redisConfig.parse(config) };
});

afterAll(async () => {
	await labDown(lab);
	rmSync(lab.home, { recursive: true, force: true });
});

describe("a lab with ACL users, separate Sentinel credentials and TLS", () => {
	it("is reached with them: topology, connection, commands", async () => {
		const node = await masterNode();
		if (typeof node === "string") throw new Error(node);
		expect(node.name).toBe("cache-1");
		const connection = await redisKind.connect(target, node, host);
		expect(replyText(await connection.call(["ACL", "WHOAMI"]))).toBe("operator");
		await connection.close();
		const observer = redisKind.observe(target, host);
		const topology = await observer.read();
		await observer.close();
		expect(topology.members.every((member) => member.health === "up" && member.detail === undefined)).toBe(true);
		expect(topology.members).toHaveLength(6);
		const sentinel = topology.members.find((member) => member.role === "sentinel");
		const watching = await redisKind.connect(target, { ...node, ...sentinel } as PlanNode, host);
		expect(replyText(await watching.call(["PING"]))).toBe("PONG");
		await watching.close();
	});

	it("is not reached without the certificate, or with the data password on Sentinels", async () => {
		const { tls: _tls, sentinelTls: _sentinelTls, ...plain } = target.config;
		expect(await masterNode({ ...target, config: plain })).toBe("target-unreachable");
		const { cert: _cert, key: _key, ...anonymous } = target.config.tls ?? {};
		const noCertificate = { ...target.config, tls: anonymous, sentinelTls: anonymous };
		expect(await masterNode({ ...target, config: noCertificate })).toBe("target-unreachable");
		const distrusting = { ...target.config, tls: { ...target.config.tls, ca: undefined } } as RedisConfig;
		const node = await masterNode();
		if (typeof node === "string") throw new Error(node);
		await expect(redisKind.connect({ ...target, config: distrusting }, node, host)).rejects.toMatchObject({
			problem: { code: "target-unreachable" },
		});
		const swapped = { ...target.config, sentinelPassword: target.config.password } as RedisConfig;
		const observer = redisKind.observe({ ...target, config: swapped }, host);
		const topology = await observer.read();
		await observer.close();
		const sentinels = topology.members.filter((member) => member.role === "sentinel");
		expect(sentinels.map((member) => member.detail)).toEqual(Array(3).fill("wrong credentials"));
	});

	it("fails over under a connected client and an oracle that use them", async () => {
		await labProbeStart({ ...lab, kind: "client" });
		await labProbeStart({ ...lab, kind: "oracle" });
		await new Promise((resolve) => setTimeout(resolve, 500));
		await labFault({ ...lab, kind: "kill", node: "vault.master" });
		for (const deadline = performance.now() + 15_000; performance.now() < deadline; ) {
			const { probes } = await labStatus(lab);
			if (probes.every((probe) => probe.gap !== null && probe.gap.to !== null)) break;
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
		for (const kind of ["client", "oracle"] as const) {
			const probe = await labProbeStop({ ...lab, kind });
			expect(probe.gap?.to).toEqual(expect.any(String));
			expect(probe.acknowledged).toBeGreaterThan(50);
			expect(probe.lost).not.toBeNull();
		}
	});

	it("has its passwords in files of their own, and in no command line, environment, topology, status or target file", async () => {
		const folder = labFolder(lab.home, "vault");
		const secretsDir = join(folder.dir, "secrets");
		const passwords = readdirSync(secretsDir).map((name) => {
			expect(statSync(join(secretsDir, name)).mode & 0o777).toBe(0o600);
			return readFileSync(join(secretsDir, name), "utf8");
		});
		expect(passwords).toHaveLength(4);
		const observer = redisKind.observe(target, host);
		const seen = [JSON.stringify(await observer.read()), JSON.stringify(await labStatus(lab))];
		await observer.close();
		seen.push(readFileSync(folder.targets, "utf8"), readFileSync(folder.supervisorLog, "utf8"));
		for (const log of readdirSync(folder.logs)) seen.push(readFileSync(join(folder.logs, log), "utf8"));
		let processes = 0;
		for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
			try {
				seen.push(readFileSync(`/proc/${pid}/cmdline`, "utf8"), readFileSync(`/proc/${pid}/environ`, "utf8"));
				processes += 1;
			} catch {
				// It ended meanwhile, or is another user's.
			}
		}
		expect(processes).toBeGreaterThan(6);
		for (const password of passwords) {
			expect(password.length).toBeGreaterThan(20);
			expect(seen.some((text) => text.includes(password))).toBe(false);
		}
	});
});

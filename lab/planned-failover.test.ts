import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isProblem } from "../core/problem.ts";
import { type PlanNode, resolveTarget, splitAddress } from "../core/target.ts";
import { type RedisConfig, redisConfig } from "../targets/redis/redis-config.ts";
import type { RedisConnection } from "../targets/redis/redis-connection.ts";
import { redisKind } from "../targets/redis/redis-kind.ts";
import { replyText } from "../targets/redis/redis-reply.ts";
import type { ClusterObserver, Target, TargetHost } from "../targets/target-kind.ts";
import { labDown, labProbeStart, labProbeStop, labReset, labUp } from "./lab-client.ts";

const lab = { home: "", name: "orders" };
const host: TargetHost = {
	now: () => new Date(),
	readSecret: () => {
		throw new Error("this lab has no secrets");
	},
};
let target: Target<RedisConfig>;
let observer: ClusterObserver;
let old: PlanNode;
let onOld: RedisConnection;
let onSentinel: RedisConnection;

async function resolved(role: string): Promise<PlanNode> {
	const node = resolveTarget(await observer.read(), { cluster: "orders", role });
	if (isProblem(node)) throw new Error(node.detail);
	return node;
}

async function ok(connection: RedisConnection, ...argv: string[]): Promise<void> {
	const reply = await connection.call(argv);
	if (reply.kind === "error") throw new Error(reply.text);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The address that the Sentinel gives, once it is another than the old master's. */
async function newMaster(): Promise<[host: string, port: number]> {
	for (const deadline = performance.now() + 15_000; performance.now() < deadline; await pause(50)) {
		const reply = await onSentinel.call(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "orders"]);
		if (reply.kind !== "array") continue;
		const address = `${replyText(reply.items[0])}:${replyText(reply.items[1])}`;
		if (address !== old.address) return splitAddress(address);
	}
	throw new Error("Sentinel has promoted nobody");
}

beforeAll(async () => {
	lab.home = mkdtempSync(join(tmpdir(), "runledger-lab-test-"));
	const up = await labUp({ ...lab, kind: "redis-sentinel", path: process.env.PATH ?? "", now: new Date() });
	const { kind: _kind, environment: _environment, ...config } = up.target;
	target = { name: "orders", kind: "redis", environment: "lab", config: redisConfig.parse(config) };
	observer = redisKind.observe(target, host);
});

afterAll(async () => {
	await observer?.close();
	await labDown(lab);
	rmSync(lab.home, { recursive: true, force: true });
});

async function failOver(how: { hold: boolean; fence: boolean }): Promise<void> {
	old = await resolved("master");
	onOld = await redisKind.connect(target, old, host);
	onSentinel = await redisKind.connect(target, await resolved("sentinel"), host);
	// No client that follows Sentinel: the one that stays connected until somebody cuts it off is the harder case.
	await labProbeStart({ ...lab, kind: "client", perSecond: 1_000, followsSentinel: false });
	await pause(500);
	if (how.hold) await ok(onOld, "CLIENT", "PAUSE", "20000", "WRITE");
	await ok(onSentinel, "SENTINEL", "FAILOVER", "orders");
	const [address, port] = await newMaster();
	if (how.fence) {
		await ok(onOld, "MULTI");
		await ok(onOld, "REPLICAOF", address, String(port));
		await ok(onOld, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
		await ok(onOld, "EXEC");
	}
	if (how.hold) await ok(onOld, "CLIENT", "UNPAUSE");
	await pause(1_000);
	await onOld.close();
	await onSentinel.close();
}

describe("a planned failover under a client that stays connected", () => {
	it("loses nothing when writes are held, the old master is fenced and only then released", async () => {
		await failOver({ hold: true, fence: true });
		const probe = await labProbeStop({ ...lab, kind: "client" });
		expect(probe.lost).toBe(0);
		expect(probe.acknowledged).toBeGreaterThan(500);
		expect(probe.rtoMs).toBeLessThan(8_000);
		expect(probe.gap?.to).toEqual(expect.any(String));
		const topology = await observer.read();
		expect(topology.members.find((member) => member.address === old.address)?.role).toBe("replica");
		await labReset(lab);
	});

	it.each([
		["without the hold and the fence", { hold: false, fence: false }],
		["with the hold released before the old master is fenced", { hold: true, fence: false }],
	])("loses acknowledged writes %s: the probe would notice", async (_what, how) => {
		await failOver(how);
		const stray = (await observer.read()).members.find((member) => member.address === old.address);
		expect(stray).toMatchObject({ role: "stray", facts: { stray: true } });
		const probe = await labProbeStop({ ...lab, kind: "client" });
		expect(probe.lost).toBeGreaterThan(100);
		expect(probe.lostIds).toHaveLength(20);
		await labReset(lab);
	});
});

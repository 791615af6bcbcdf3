import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabEvent } from "../core/lab.ts";
import { isProblem } from "../core/problem.ts";
import { resolveTarget, type Topology } from "../core/target.ts";
import { type RedisConfig, redisConfig } from "../targets/redis/redis-config.ts";
import { redisKind } from "../targets/redis/redis-kind.ts";
import { replyText } from "../targets/redis/redis-reply.ts";
import type { ClusterObserver, Target, TargetHost } from "../targets/target-kind.ts";
import {
	labDown,
	labExtend,
	labFault,
	labFollow,
	labHeal,
	labList,
	labLogs,
	labProbeCheck,
	labProbeStart,
	labProbeStop,
	labReset,
	labStatus,
	labUp,
} from "./lab-client.ts";
import { connectLab } from "./lab-connection.ts";
import { labFolder, labMarker } from "./lab-folder.ts";
import { signalOwned } from "./owned-process.ts";
import { processPlatform } from "./process-platform.ts";

const path = process.env.PATH ?? "";
const host: TargetHost = {
	now: () => new Date(),
	readSecret: () => {
		throw new Error("this lab has no secrets");
	},
};

let home: string;
const orders = { home: "", name: "orders" };
let target: Target<RedisConfig>;
let observer: ClusterObserver;

async function until<T>(what: () => Promise<T | null | undefined | false>, withinMs = 15_000): Promise<T> {
	for (const deadline = performance.now() + withinMs; ; ) {
		const result = await what();
		if (result) return result;
		if (performance.now() > deadline) throw new Error("it did not come true in time");
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

async function onMaster(...argv: string[]) {
	const node = resolveTarget(await observer.read(), { cluster: "orders", role: "master" });
	if (isProblem(node)) throw new Error(node.detail);
	const connection = await redisKind.connect(target, node, host);
	try {
		return await connection.call(argv);
	} finally {
		await connection.close();
	}
}

beforeAll(async () => {
	home = mkdtempSync(join(tmpdir(), "runledger-lab-test-"));
	orders.home = home;
	const up = await labUp({ ...orders, kind: "redis-sentinel", path, now: new Date() });
	const { kind: _kind, environment: _environment, ...config } = up.target;
	target = { name: "orders", kind: "redis", environment: "lab", config: redisConfig.parse(config) };
	observer = redisKind.observe(target, host);
});

afterAll(async () => {
	await observer?.close();
	for (const lab of await labList(home)) await labDown({ home, name: lab.name });
	rmSync(home, { recursive: true, force: true });
});

describe("a healthy lab", () => {
	it("has one master, two replicas that follow it, and three Sentinels that see everybody", async () => {
		const topology = await observer.read();
		const roles = (role: string) => topology.members.filter((member) => member.role === role);
		expect(topology.disputes).toEqual([]);
		expect(roles("master").map((m) => m.name)).toEqual(["cache-1"]);
		const [master] = roles("master");
		expect(
			roles("replica")
				.map((m) => m.name)
				.sort(),
		).toEqual(["cache-2", "cache-3"]);
		for (const replica of roles("replica")) {
			expect(replica).toMatchObject({ health: "up", follows: master?.address, lag: { bytes: expect.any(Number) } });
		}
		expect(
			roles("sentinel")
				.map((m) => m.name)
				.sort(),
		).toEqual(["sentinel-1", "sentinel-2", "sentinel-3"]);
		for (const sentinel of roles("sentinel")) expect(sentinel.sees).toHaveLength(5);
		expect(topology.members.every((m) => m.id !== null && /^[0-9a-f]{40}$/.test(m.id))).toBe(true);
		expect(topology.attributes).toMatchObject({ masterName: "orders", quorum: 2, sentinelsAnswering: 3 });
	});

	it("refuses a second lab of its name, and a name that no reference could hold", async () => {
		await expect(labUp({ ...orders, kind: "redis-sentinel", path, now: new Date() })).rejects.toMatchObject({
			problem: { code: "lab-exists" },
		});
		await expect(labUp({ home, name: "../evil", kind: "redis-sentinel", path, now: new Date() })).rejects.toMatchObject(
			{ problem: { code: "bad-request" } },
		);
	});

	it("keeps its socket to its owner", () => {
		expect(statSync(labFolder(home, "orders").socket).mode & 0o777).toBe(0o600);
		expect(statSync(labFolder(home, "orders").dir).mode & 0o777).toBe(0o700);
	});

	it("has a log and its memory for each node", async () => {
		const lines = await labLogs({ ...orders, node: "cache-2", lines: 5 });
		expect(lines).toHaveLength(5);
		const { nodes } = await labStatus(orders);
		for (const node of nodes) expect(node.rssBytes).toBeGreaterThan(1_000_000);
	});

	it("says which program is missing and how to install it", async () => {
		await expect(
			labUp({ home, name: "poor", kind: "redis-sentinel", path: "/nonexistent", now: new Date() }),
		).rejects.toMatchObject({ problem: { code: "lab-binary-missing", next: expect.stringContaining("redis-server") } });
		expect(existsSync(join(home, "poor"))).toBe(false);
	});
});

describe("faults", () => {
	it("a killed master leads to a new one, the probe's figures agree with its journal, and reset brings roles and data back", async () => {
		const before = replyText(await onMaster("DBSIZE"));
		await onMaster("SET", "scribble", "made in the drill");
		await labProbeStart({ ...orders, kind: "client" });
		await labProbeStart({ ...orders, kind: "oracle" });
		await new Promise((resolve) => setTimeout(resolve, 700));
		const fault = await labFault({ ...orders, kind: "kill", node: "orders.master" });
		expect(fault.node).toBe("cache-1");
		expect(Date.parse(fault.healsAt) - Date.now()).toBeGreaterThan(110_000);
		const promoted = await until(async () => {
			const node = resolveTarget(await observer.read(), { cluster: "orders", role: "master" });
			return !isProblem(node) && node.name !== "cache-1" && node;
		});
		expect(["cache-2", "cache-3"]).toContain(promoted.name);
		await until(async () =>
			(await labStatus(orders)).probes.every((probe) => probe.gap !== null && probe.gap.to !== null),
		);
		const killed = (await labStatus(orders)).nodes.find((node) => node.name === "cache-1");
		expect(killed).toMatchObject({ state: "killed", pid: null, fault: { kind: "kill", healsAt: fault.healsAt } });

		expect(await labProbeCheck({ ...orders, kind: "oracle" })).toMatchObject({
			running: true,
			lost: expect.any(Number),
		});
		const client = await labProbeStop({ ...orders, kind: "client" });
		const oracle = await labProbeStop({ ...orders, kind: "oracle" });
		for (const probe of [client, oracle]) {
			expect(probe.rtoMs).toBeGreaterThan(900);
			expect(probe.rtoMs).toBeLessThan(8_000);
			expect(probe.acknowledged).toBeGreaterThan(50);
			expect(probe.lost).not.toBeNull();
			// By the journal alone, computed anew.
			const lines = readFileSync(probe.journal ?? "", "utf8")
				.trimEnd()
				.split("\n")
				.map((line) => JSON.parse(line));
			const acked = lines.filter((line) => line.acked !== undefined).map((line) => line.acked as number);
			const gaps = acked.slice(1).map((at, n) => at - (acked[n] ?? 0));
			expect(probe.acknowledged).toBe(acked.length);
			expect(probe.rtoMs).toBe(Math.round(Math.max(...gaps)));
			expect(lines.some((line) => typeof line.mark === "string" && line.mark.includes("cache-1 is killed"))).toBe(true);
		}
		const events = (await labStatus(orders)).events.map((event) => event.type);
		expect(events).toContain("fault.injected");
		expect(events).toContain("master.changed");

		const { status, tookMs } = await labReset(orders);
		expect(tookMs).toBeLessThan(10_000);
		expect(status.state).toBe("up");
		const topology = await observer.read();
		expect(topology.members.filter((m) => m.role === "master").map((m) => m.name)).toEqual(["cache-1"]);
		expect(replyText(await onMaster("DBSIZE"))).toBe(before);
		expect(replyText(await onMaster("EXISTS", "scribble"))).toBe("0");
	});

	it("a freeze heals by itself, announced before, and can be extended", async () => {
		const events: LabEvent[] = [];
		const stop = await labFollow(orders, { status: () => {}, event: (event) => events.push(event) });
		await labFault({ ...orders, kind: "freeze", node: "cache-3", seconds: 0.4 });
		const { healsAt } = await labExtend({ ...orders, node: "cache-3", seconds: 0.8 });
		const pid = (await labStatus(orders)).nodes.find((node) => node.name === "cache-3")?.pid ?? 0;
		expect(processPlatform.isStopped(pid)).toBe(true);
		await until(async () => events.some((event) => event.type === "fault.healed"));
		stop();
		expect(processPlatform.isStopped(pid)).toBe(false);
		expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(healsAt) - 5);
		expect(events.map((event) => event.type)).toEqual([
			"fault.injected",
			"fault.extended",
			"fault.announced",
			"fault.healed",
		]);
	});

	it("a stopped node ends gracefully, and heal starts it again", async () => {
		await labFault({ ...orders, kind: "stop", node: "sentinel-3" });
		expect((await labStatus(orders)).nodes.find((n) => n.name === "sentinel-3")).toMatchObject({ state: "stopped" });
		expect((await labLogs({ ...orders, node: "sentinel-3", lines: 5 })).join()).toMatch(/exit|bye/i);
		await expect(labFault({ ...orders, kind: "kill", node: "sentinel-3" })).rejects.toMatchObject({
			problem: { code: "bad-request" },
		});
		expect(await labHeal(orders)).toEqual(["sentinel-3"]);
		expect((await labStatus(orders)).nodes.find((n) => n.name === "sentinel-3")).toMatchObject({
			state: "up",
			restarts: expect.any(Number),
		});
	});

	it("a fault that is tied to who injected it heals when they go away", async () => {
		const driver = await connectLab(labFolder(home, "orders").socket);
		await driver?.request("fault", { kind: "freeze", node: "cache-2", tied: true });
		expect((await labStatus(orders)).nodes.find((n) => n.name === "cache-2")?.state).toBe("frozen");
		driver?.close();
		await until(async () => (await labStatus(orders)).nodes.find((n) => n.name === "cache-2")?.state === "up", 2_000);
	});

	it("nothing that the lab did not start can be broken", async () => {
		const foreign: ChildProcess = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
		await once(foreign, "spawn");
		const pid = foreign.pid ?? 0;
		await expect(labFault({ ...orders, kind: "kill", node: String(pid) })).rejects.toMatchObject({
			problem: { code: "lab-not-ours" },
		});
		const startTime = processPlatform.startTime(pid) ?? "";
		const lab = labFolder(home, "orders").id;
		// The right number and start time, but not of this lab.
		expect(() => signalOwned({ pid, startTime, lab }, "SIGKILL")).toThrow(/not one that this lab started/);
		// The marker fits, but the number has been given to another process meanwhile.
		const node = (await labStatus(orders)).nodes[0]?.pid ?? 0;
		expect(() => signalOwned({ pid: node, startTime: "1", lab }, "SIGKILL")).toThrow(/not one that this lab started/);
		expect(foreign.exitCode ?? foreign.signalCode).toBeNull();
		foreign.kill("SIGKILL");
		await once(foreign, "exit");
		await expect(labFault({ ...orders, kind: "kill", node: "cache-9" })).rejects.toMatchObject({
			problem: { code: "lab-node-unknown" },
		});
		await expect(labFault({ ...orders, kind: "kill", node: "other.master" })).rejects.toMatchObject({
			problem: { code: "lab-node-unknown" },
		});
	});
});

describe("what the target says of a broken cluster", () => {
	it("Sentinels that do not agree make the master disputed, not guessed", async () => {
		const sentinel = (await observer.read()).members.find((m) => m.name === "sentinel-2");
		const replica = (await observer.read()).members.find((m) => m.role === "replica");
		if (!sentinel || !replica) throw new Error("the set is not whole");
		const node = { cluster: "orders", environment: "lab", kind: "redis", ...sentinel } as const;
		const connection = await redisKind.connect(target, node, host);
		await connection.call(["SENTINEL", "REMOVE", "orders"]);
		const [ip, port] = replica.address.split(":");
		expect(replyText(await connection.call(["SENTINEL", "MONITOR", "orders", ip ?? "", port ?? "", "2"]))).toBe("OK");
		await connection.close();
		const topology = await observer.read();
		expect(topology.disputes[0]).toMatchObject({ role: "master" });
		expect(topology.disputes[0]?.says).toContainEqual({
			observer: "sentinel-2",
			value: `${replica.name} (${replica.address})`,
		});
		expect(resolveTarget(topology, { cluster: "orders" }, "master")).toMatchObject({ code: "topology-disputed" });
		await labReset(orders);
	});

	it("a connection to a node that was started again is refused: it is another process", async () => {
		const member = (await observer.read()).members.find((m) => m.name === "cache-3");
		if (!member) throw new Error("cache-3 is missing");
		const node = { cluster: "orders", environment: "lab", kind: "redis", ...member } as const;
		await labFault({ ...orders, kind: "kill", node: "cache-3" });
		await labHeal({ ...orders, node: "cache-3" });
		await until(async () =>
			redisKind.connect(target, { ...node, id: null }, host).then(
				(connection) => connection.close().then(() => true),
				() => false,
			),
		);
		await expect(redisKind.connect(target, node, host)).rejects.toMatchObject({ problem: { code: "node-changed" } });
	});

	it("a cluster of which nothing answers is read within its bound, and says since when", async () => {
		for (const node of ["cache-1", "cache-2", "cache-3", "sentinel-1", "sentinel-2", "sentinel-3"]) {
			await labFault({ ...orders, kind: "freeze", node, seconds: 60 });
		}
		const started = performance.now();
		const first = await observer.read();
		expect(performance.now() - started).toBeLessThan(3_000);
		expect(first.unreachableSince).toBeDefined();
		expect(first.members.every((member) => member.health === "down" && member.detail === "no answer")).toBe(true);
		expect(resolveTarget(first, { cluster: "orders" }, "master")).toMatchObject({ code: "target-unreachable" });
		const second = await observer.read();
		expect(second.unreachableSince).toBe(first.unreachableSince);
		await labHeal(orders);
		await until(async () => (await observer.read()).unreachableSince === undefined);
	});

	it("a follower hears of a new master without asking", async () => {
		await labReset(orders);
		const seen: Topology[] = [];
		const stop = observer.follow((topology) => seen.push(topology));
		await until(async () => seen.length > 0);
		await labFault({ ...orders, kind: "kill", node: "cache-1" });
		await until(async () => {
			const last = seen.at(-1);
			const node = last && resolveTarget(last, { cluster: "orders", role: "master" });
			return node && !isProblem(node) && node.name !== "cache-1";
		});
		stop();
	});
});

describe("down", () => {
	it("leaves no process and no file, two labs side by side not disturbing each other, the supervisor killed or not", async () => {
		await labHeal(orders);
		const second = { home, name: "billing" };
		await labUp({ ...second, kind: "redis-sentinel", options: { prefix: "ledger" }, path, now: new Date() });
		const ids = [labFolder(home, "orders").id, labFolder(home, "billing").id] as const;
		const marked = (id: string) => processPlatform.withEnvironment(labMarker, id);
		expect(marked(ids[0])).toHaveLength(7);
		expect(marked(ids[1])).toHaveLength(7);
		expect((await labStatus(second)).nodes.map((node) => node.name)).toContain("ledger-1");

		await labFault({ ...second, kind: "freeze", node: "ledger-1" });
		const nodes = (await labStatus(second)).nodes.map((node) => node.pid);
		const supervisor = marked(ids[1]).find((pid) => !nodes.includes(pid)) ?? 0;
		process.kill(supervisor, "SIGKILL");
		// The nodes die with it, the frozen one too.
		await until(async () => marked(ids[1]).length === 0);
		expect(await labStatus(second)).toMatchObject({ state: "down" });
		await labDown(second);
		expect(existsSync(join(home, "billing"))).toBe(false);
		await expect(labDown(second)).rejects.toMatchObject({ problem: { code: "lab-unknown" } });

		expect((await labStatus(orders)).state).toBe("up");
		await labDown(orders);
		expect(marked(ids[0])).toEqual([]);
		expect(existsSync(join(home, "orders"))).toBe(false);
		expect(await labList(home)).toEqual([]);
	});

	it("finds processes by their marker, also those that outlived their supervisor and its files", async () => {
		const lost = { home, name: "lost" };
		const { id } = labFolder(home, "lost");
		const leftover = spawn("sleep", ["60"], { detached: true, stdio: "ignore", env: { PATH: path, [labMarker]: id } });
		await once(leftover, "spawn");
		const ended = once(leftover, "exit");
		await labDown(lost);
		await ended;
		expect(leftover.signalCode).toBe("SIGKILL");
	});
});

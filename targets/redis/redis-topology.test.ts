import { describe, expect, it } from "vitest";
import { isProblem } from "../../core/problem.ts";
import { resolveTarget } from "../../core/target.ts";
import type { Target } from "../target-kind.ts";
import { type RedisConfig, redisConfig } from "./redis-config.ts";
import type { DataReading, SentinelReading } from "./redis-reading.ts";
import { composeRedisTopology } from "./redis-topology.ts";

const target: Target<RedisConfig> = {
	name: "orders",
	kind: "redis",
	environment: "staging",
	config: redisConfig.parse({
		sentinels: ["10.0.0.1:26379", "10.0.0.2:26379", "10.0.0.3:26379"],
		masterName: "orders",
		nodes: { "cache-1": "10.0.0.1:6379", "cache-2": "10.0.0.2:6379", "cache-3": "10.0.0.3:6379" },
	}),
};

const master = (n: number, more: Record<string, string> = {}): DataReading => ({
	address: `10.0.0.${n}:6379`,
	answered: true,
	info: { role: "master", run_id: `id-${n}`, master_repl_offset: "5000", ...more },
});

const replica = (n: number, of: number, more: Record<string, string> = {}): DataReading => ({
	address: `10.0.0.${n}:6379`,
	answered: true,
	info: {
		role: "slave",
		run_id: `id-${n}`,
		master_host: `10.0.0.${of}`,
		master_port: "6379",
		master_link_status: "up",
		slave_repl_offset: "4200",
		master_last_io_seconds_ago: "1",
		...more,
	},
});

const down = (n: number): DataReading => ({
	address: `10.0.0.${n}:6379`,
	answered: false,
	info: null,
	trouble: "connection refused",
});

const sentinel = (n: number, says: number | null): SentinelReading => ({
	address: `10.0.0.${n}:26379`,
	answered: says !== null,
	info: says === null ? null : { run_id: `sentinel-${n}` },
	saysMaster: says === null ? null : `10.0.0.${says}:6379`,
	master: says === null ? {} : { ip: `10.0.0.${says}`, port: "6379", flags: "master", quorum: "2" },
	replicas: [],
	sentinels: [],
});

function compose(data: DataReading[], sentinels: SentinelReading[]) {
	const topology = composeRedisTopology(target, { data, sentinels }, new Date(0), null);
	const resolved = resolveTarget(topology, { cluster: "orders", role: "master" });
	return {
		topology,
		master: isProblem(resolved) ? resolved.code : resolved.name,
		roles: Object.fromEntries(topology.members.map((member) => [member.name, member.role])),
	};
}

describe("who is master", () => {
	it("is the node that the Sentinels agree on, its replicas with their lag", () => {
		const { topology, master: name } = compose(
			[master(1), replica(2, 1), replica(3, 1)],
			[sentinel(1, 1), sentinel(2, 1), sentinel(3, 1)],
		);
		expect(name).toBe("cache-1");
		expect(topology.disputes).toEqual([]);
		expect(topology.members.find((m) => m.name === "cache-2")).toMatchObject({
			role: "replica",
			follows: "10.0.0.1:6379",
			lag: { bytes: 800, seconds: 1 },
			sees: ["10.0.0.1:6379"],
		});
	});

	it("stays resolvable while the old master still calls itself one: that is a stray, not a dispute", () => {
		const {
			topology,
			master: name,
			roles,
		} = compose([master(1), master(2), replica(3, 2)], [sentinel(1, 2), sentinel(2, 2), sentinel(3, 2)]);
		expect(name).toBe("cache-2");
		expect(roles["cache-1"]).toBe("stray");
		expect(topology.members.find((m) => m.name === "cache-1")?.detail).toBe(
			"calls itself master, but the Sentinels name cache-2",
		);
		expect(topology.attributes.strays).toEqual(["10.0.0.1:6379"]);
	});

	it("is disputed when one Sentinel names another node than the others", () => {
		const { topology, master: name } = compose(
			[master(1), master(2), replica(3, 2)],
			[sentinel(1, 1), sentinel(2, 2), sentinel(3, 2)],
		);
		expect(name).toBe("topology-disputed");
		expect(topology.disputes[0]?.says).toContainEqual({ observer: "10.0.0.1:26379", value: "cache-1 (10.0.0.1:6379)" });
	});

	it("is disputed when the node that all Sentinels name follows another itself", () => {
		expect(compose([replica(1, 2), master(2)], [sentinel(1, 1), sentinel(2, 1), sentinel(3, 1)]).master).toBe(
			"topology-disputed",
		);
	});

	it("is not taken from a minority of Sentinels against the word of a data node", () => {
		const cut = [sentinel(1, 1), sentinel(2, null), sentinel(3, null)];
		expect(compose([master(1), replica(2, 1)], cut).master).toBe("cache-1");
		expect(compose([master(1), master(2)], cut).master).toBe("topology-disputed");
	});

	it("is vacant while the node that the Sentinels name does not answer", () => {
		const {
			topology,
			master: name,
			roles,
		} = compose(
			[down(1), replica(2, 1, { master_link_status: "down", master_link_down_since_seconds: "7" }), replica(3, 1)],
			[sentinel(1, 1), sentinel(2, 1), sentinel(3, 1)],
		);
		expect(name).toBe("target-role-vacant");
		expect(roles["cache-1"]).toBe("master");
		expect(topology.members.find((m) => m.name === "cache-2")).toMatchObject({
			detail: "replication link is down",
			lag: { seconds: 7 },
		});
	});

	it("is the nodes' own word when no Sentinel answers, and disputed when two say it", () => {
		const none = [sentinel(1, null), sentinel(2, null), sentinel(3, null)];
		expect(compose([master(1), replica(2, 1)], none).master).toBe("cache-1");
		expect(compose([master(1), master(2)], none).master).toBe("topology-disputed");
	});
});

describe("a process known by two addresses", () => {
	it("is one member, at the address that the configuration writes", () => {
		const byName: SentinelReading = { ...sentinel(1, 1), saysMaster: "cache-1.internal:6379" };
		const twice: DataReading = { ...master(1), address: "cache-1.internal:6379" };
		const { topology, master: name } = compose(
			[master(1), twice, replica(2, 1)],
			[byName, sentinel(2, 1), sentinel(3, 1)],
		);
		expect(topology.disputes).toEqual([]);
		expect(name).toBe("cache-1");
		expect(topology.members.filter((m) => m.role === "master")).toHaveLength(1);
	});
});

it("how long a node has been master is what its Sentinel says, or longer where the node itself was seen to be one", () => {
	const says = (ms: string): SentinelReading => {
		const one = sentinel(1, 1);
		return { ...one, master: { ...one.master, "role-reported-time": ms } };
	};
	const masterForMs = (seen: number | undefined, said: SentinelReading) =>
		compose([{ ...master(1), ...(seen !== undefined && { masterSeenForMs: seen }) }], [said]).topology.members.find(
			(member) => member.role === "sentinel",
		)?.facts?.masterForMs;
	expect(masterForMs(undefined, says("2000"))).toBe(2000);
	expect(masterForMs(6000, says("2000"))).toBe(6000);
	expect(masterForMs(1500, says("2000"))).toBe(2000);
	expect(masterForMs(6000, sentinel(1, 1))).toBe(null);
});

import { expect, it } from "vitest";
import type { Member, Topology } from "./target.ts";
import { readTopologies, topologyChanges } from "./topology-changes.ts";

const member = (name: string, role: string, more: Partial<Member> = {}): Member => ({
	name,
	address: `10.0.0.${name.slice(-1)}:6379`,
	role,
	id: `run-${name}`,
	health: "up",
	...more,
});
const topology = (...members: Member[]): Topology => ({
	cluster: "orders",
	kind: "redis",
	environment: "lab",
	members,
	disputes: [],
	attributes: {},
	readAt: "2026-11-14T02:14:07.000Z",
});

it("a failover is told as who is what now, and whom the others follow", () => {
	const before = topology(
		member("cache-1", "replica", { follows: "10.0.0.2:6379" }),
		member("cache-2", "master"),
		member("cache-3", "replica", { follows: "10.0.0.2:6379" }),
	);
	const after = topology(
		member("cache-1", "replica", { follows: "10.0.0.3:6379" }),
		member("cache-2", "replica", { follows: "10.0.0.3:6379" }),
		member("cache-3", "master"),
	);
	expect(topologyChanges(before, after)).toEqual([
		"cache-1 follows cache-3",
		"cache-2 is replica, was master",
		"cache-3 is master, was replica",
	]);
});

it("members that go down, come back, start anew, join and leave are told once each", () => {
	const before = topology(
		member("cache-1", "master"),
		member("cache-2", "replica", { health: "down" }),
		member("cache-3", "replica"),
		member("cache-4", "replica"),
	);
	const after = topology(
		member("cache-1", "master", { health: "down" }),
		member("cache-2", "replica"),
		member("cache-3", "replica", { id: "another" }),
		member("cache-5", "replica"),
	);
	expect(topologyChanges(before, after)).toEqual([
		"cache-1 is down",
		"cache-2 is back as replica",
		"cache-3 was started anew",
		"cache-5 joined as replica",
		"cache-4 is no longer a member",
	]);
});

it("lag and the time of reading are no change, and an erased topology is none", () => {
	const before = topology(member("cache-1", "replica", { lag: { bytes: 84 } }));
	const after = { ...topology(member("cache-1", "replica", { lag: { bytes: 0 } })), readAt: "later" };
	expect(topologyChanges(before, after)).toEqual([]);
	expect(readTopologies(undefined)).toEqual([]);
	expect(readTopologies("{")).toEqual([]);
	expect(readTopologies(JSON.stringify([before]))).toEqual([before]);
});

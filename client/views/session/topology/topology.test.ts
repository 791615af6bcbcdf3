import { describe, expect, it } from "vitest";
import type { Member, Topology } from "../../../../core/target.ts";
import { clusterHealth, layTopology, memberWords } from "./lay-topology.ts";
import { changesBetween } from "./topology-changes.ts";

const member = (name: string, role: string, more: Partial<Member> = {}): Member => ({
	name,
	address: `${name}:1`,
	role,
	id: name,
	health: "up",
	...more,
});
const topology = (members: Member[], more: Partial<Topology> = {}): Topology => ({
	cluster: "orders",
	kind: "redis",
	environment: "lab",
	members,
	disputes: [],
	attributes: {},
	readAt: "2026-11-14T02:14:07.000Z",
	...more,
});
const three = () => [
	member("c1", "replica", { follows: "c2:1", lag: { bytes: 84 } }),
	member("c2", "master"),
	member("c3", "replica", { follows: "c2:1" }),
	member("s1", "sentinel"),
];

describe("the drawing", () => {
	it("puts who leads above, followers below inside the width, observers apart", () => {
		const { boxes, lines, observers, width } = layTopology(topology(three()));
		const box = (name: string) => boxes.find((b) => b.member.name === name);
		expect(box("c2")?.y).toBeLessThan(box("c1")?.y ?? 0);
		expect(lines.map((l) => `${l.from.member.name}>${l.to.member.name}`)).toEqual(["c1>c2", "c3>c2"]);
		expect(observers.map((m) => m.name)).toEqual(["s1"]);
		for (const b of boxes) expect(b.x >= 0 && b.x + b.width <= width).toBe(true);
	});

	it("never lets two boxes overlap, whatever the number of nodes", () => {
		for (let count = 1; count <= 9; count++) {
			const members = [member("m", "master")];
			for (let i = 1; i < count; i++) members.push(member(`r${i}`, "replica", { follows: "m:1" }));
			const { boxes, height } = layTopology(topology(members));
			expect(boxes).toHaveLength(count);
			for (const a of boxes) {
				expect(a.y + a.height).toBeLessThanOrEqual(height);
				for (const b of boxes) {
					if (a === b) continue;
					const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
					expect(apart, `${count}: ${a.member.name} ${b.member.name}`).toBe(true);
				}
			}
		}
	});

	it("shows an arrow to a dead leader as broken", () => {
		const dead = three().map((m) => (m.name === "c2" ? { ...m, health: "down" as const } : m));
		expect(layTopology(topology(dead)).lines.every((l) => !l.healthy)).toBe(true);
	});
});

it("a member says its role and the figure that matters", () => {
	expect(memberWords(member("a", "replica", { lag: { bytes: 84 } }))).toBe("replica · lag 84 B");
	expect(memberWords(member("a", "replica", { lag: { bytes: 12_300 } }))).toBe("replica · lag 12 kB");
	expect(memberWords(member("a", "master", { facts: { opsPerSecond: 3400 } }))).toBe("master · 3.4 kops/s");
	expect(memberWords(member("a", "replica", { health: "down", detail: "connection refused" }))).toBe(
		"connection refused",
	);
});

it("a cluster is healthy, or what is gravest is named", () => {
	expect(clusterHealth(topology(three())).words).toBe("healthy");
	expect(clusterHealth(topology(three(), { unreachableSince: "x" })).tone).toBe("bad");
	const noMaster = three().map((m) => (m.name === "c2" ? { ...m, health: "down" as const } : m));
	expect(clusterHealth(topology(noMaster)).words).toBe("no master answers");
	expect(clusterHealth(topology([...three(), member("c4", "stray")])).words).toBe("c4 is stray");
	expect(clusterHealth(topology([member("here", "host")])).words).toBe("healthy");
	const disputed = topology(three(), { disputes: [{ role: "master", says: [] }] });
	expect(clusterHealth(disputed).words).toBe("master disputed");
});

it("changes are told in words; lag alone is none", () => {
	const before = topology(three());
	const lagged = topology(three().map((m) => ({ ...m, lag: { bytes: 9 } })));
	expect(changesBetween(before, lagged)).toEqual([]);
	const after = topology([
		member("c1", "replica", { follows: "c3:1" }),
		member("c2", "replica", { follows: "c3:1", health: "down" }),
		member("c3", "master"),
		member("s1", "sentinel"),
	]);
	expect(changesBetween(before, after).map((c) => c.words)).toEqual([
		"c1 follows c3",
		"c2 is replica, was master",
		"c2 is down",
		"c2 follows c3",
		"c3 is master, was replica",
	]);
	expect(changesBetween(before, topology(three().slice(0, 3))).map((c) => c.words)).toEqual(["s1 is gone"]);
});

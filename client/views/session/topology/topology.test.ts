import { describe, expect, it } from "vitest";
import type { Member, Topology } from "../../../../core/target.ts";
import type { Clock } from "../../../shell/clock.ts";
import { silenceReasons } from "./as-it-was.ts";
import { clusterHealth, layTopology, memberWords } from "./lay-topology.ts";
import { nodeLabels } from "./node-labels.ts";
import { changesBetween, shownChanges } from "./topology-changes.ts";
import { isSettling, watchTopologies } from "./watched-topologies.ts";

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

describe("a cluster of which nobody answers", () => {
	const at = (seconds: number) => new Date(Date.UTC(2026, 10, 14, 2, 14, seconds)).toISOString();
	const clock = { read: () => now, observe: () => {} } as unknown as Clock;
	let now = 0;
	const silent = (second: number) =>
		topology(
			three().map(({ name, address }) => ({
				...member(name, name === "s1" ? "sentinel" : "replica", { health: "down", detail: "connection refused" }),
				address,
				id: null,
			})),
			{ readAt: at(second), unreachableSince: at(2) },
		);
	const heardAs = (...heard: Topology[]) => {
		const { topologies, hear } = watchTopologies(clock);
		for (const one of heard) {
			now = Date.parse(one.readAt);
			hear(one);
		}
		return topologies.value.get("orders");
	};

	it("keeps the roles and links that were known last, and says once that it does not answer", () => {
		const heard = heardAs(topology(three(), { readAt: at(1) }), silent(2), silent(3));
		expect(heard?.asItWas).toBe(true);
		const { boxes, lines } = layTopology(heard?.topology ?? topology([]));
		expect(boxes.find((box) => box.leads)?.member.name).toBe("c2");
		expect(lines.map((l) => `${l.from.member.name}>${l.to.member.name}`)).toEqual(["c1>c2", "c3>c2"]);
		expect(heard?.changes.map((c) => c.words)).toEqual(["orders does not answer"]);
		expect(silenceReasons(heard?.topology.members ?? [])).toEqual(["connection refused"]);
		const again = heardAs(topology(three(), { readAt: at(1) }), silent(2), topology(three(), { readAt: at(4) }));
		expect(again?.asItWas).toBe(false);
		expect(again?.changes.map((c) => c.words)).toEqual(["orders does not answer", "orders answers again"]);
	});

	it("claims no role of one that has never answered", () => {
		expect(heardAs(silent(2), silent(3))?.asItWas).toBe(false);
	});

	it("says who is silent why, when they have not all the same reason", () => {
		const members = [member("a", "replica", { detail: "refused" }), member("b", "replica"), member("c", "replica")];
		expect(silenceReasons(members)).toEqual(["a: refused", "b, c: no answer"]);
	});
});

it("names that do not fit keep what tells them apart: without a shared host, or cut in the middle", () => {
	const at = (...addresses: string[]) => addresses.map((address) => ({ name: address, address }));
	const labels = (members: { name: string; address: string }[], limit: number) => [
		...nodeLabels(members, () => limit).values(),
	];
	expect(labels(at("127.0.0.1:16752", "127.0.0.1:16753"), 13)).toEqual([":16752", ":16753"]);
	expect(labels(at("127.0.0.1:16752", "127.0.0.1:16753"), 15)).toEqual(["127.0.0.1:16752", "127.0.0.1:16753"]);
	expect(labels(at("10.77.0.21:6379", "10.77.0.22:6379"), 13)).toEqual(["10.7….21:6379", "10.7….22:6379"]);
	expect(labels([{ name: "cache-of-the-orders-eu-1", address: "h:1" }], 13)).toEqual(["cach…ers-eu-1"]);
});

it("two that say they lead are no failure for the first seconds, longer while something changes them, and then they are", () => {
	const two = topology([...three(), member("c4", "stray")]);
	expect(clusterHealth(two, true)).toEqual({ words: "roles are changing", tone: "warn" });
	expect(clusterHealth(two, false).tone).toBe("bad");
	const since = { unsettledSince: 1_000_000 };
	expect(isSettling(since, 1_009_999, false)).toBe(true);
	expect(isSettling(since, 1_010_000, false)).toBe(false);
	expect(isSettling(since, 1_029_999, true)).toBe(true);
	expect(isSettling(since, 1_030_000, true)).toBe(false);
	expect(isSettling({ unsettledSince: null }, 1_000_000, true)).toBe(false);
	// What is found so when the page is opened may have been so for any time.
	let now = Date.parse(two.readAt);
	const { topologies, hear } = watchTopologies({ read: () => now, observe: () => {} } as unknown as Clock);
	const settling = () => isSettling(topologies.value.get("orders") ?? since, now, false);
	hear(two);
	expect(settling()).toBe(false);
	now += 1_000;
	hear({ ...topology(three()), readAt: new Date(now).toISOString() });
	now += 1_000;
	hear({ ...two, readAt: new Date(now).toISOString() });
	expect(settling()).toBe(true);
});

it("is up again only who was down, and a second master is told in words that are no failure", () => {
	const as = (more: Partial<Member>) => topology([...three().slice(1), { ...(three()[0] as Member), ...more }]);
	const words = (before: Topology, after: Topology) => changesBetween(before, after).map((c) => c.words);
	const unknown = { health: "unknown", detail: "link down" } as const;
	expect(words(as({ health: "down" }), as({}))).toEqual(["c1 is up again"]);
	expect(words(as({}), as(unknown))).toEqual(["c1: link down"]);
	expect(words(as(unknown), as({}))).toEqual(["c1 is well again"]);
	// Without what it ends, if that was only just before and stands no longer there, it says nothing.
	const up = changesBetween(as({ health: "down" }), as({}));
	const down = changesBetween(as({}), as({ health: "down" }));
	const moves = [1, 2, 3].map((n) => ({ address: null, words: `move ${n}`, tone: "moved" as const }));
	const told = (...changes: typeof up) => shownChanges(changes).map((c) => c.words);
	expect(told(...down, ...up)).toEqual(["c1 is down", "c1 is up again"]);
	expect(told(...down, ...moves, ...up)).toEqual(["move 1", "move 2", "move 3"]);
	expect(told(...moves, ...up)).toEqual(["move 1", "move 2", "move 3", "c1 is up again"]);
	const led = changesBetween(as({ role: "replica" }), as({ role: "master" }));
	expect(told(...led, ...moves, ...moves.slice(0, 1))).toEqual([
		"c1 is master, was replica",
		"move 2",
		"move 3",
		"move 1",
	]);
	expect(words(as({}), as({ role: "stray" }))).toEqual(["c1 also says that it is master"]);
	expect(words(as({ role: "stray" }), as({}))).toEqual(["c1 is replica"]);
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

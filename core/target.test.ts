import { expect, it } from "vitest";
import { type Member, resolveTarget, type Topology } from "./target.ts";

const member = (name: string, role: string, more: Partial<Member>): Member => ({
	name,
	address: `${name}:1`,
	role,
	id: null,
	health: "down",
	...more,
});

it("a role that nobody has says why its members are down: the credential that is not there, once", () => {
	const missing = "The variable `MISSING_ONE` that a target's credential names is not set.";
	const topology: Topology = {
		cluster: "prod",
		kind: "redis",
		environment: "production",
		members: [
			member("cache-1", "master", { detail: missing }),
			member("cache-2", "replica", { detail: missing }),
			member("sentinel-1", "sentinel", { health: "up" }),
		],
		disputes: [],
		attributes: {},
		readAt: "2026-01-01T00:00:00.000Z",
	};
	const why = missing.slice(0, -1);
	expect(resolveTarget(topology, { cluster: "prod" }, "master")).toMatchObject({
		code: "target-role-vacant",
		detail: `prod has no master that answers: ${why} (cache-1).`,
	});
	// Nobody is known to be one: then whoever is down says why.
	expect(resolveTarget(topology, { cluster: "prod", role: "stray" })).toMatchObject({
		detail: `prod has no stray that answers: ${why} (cache-1, cache-2).`,
	});
	const silent = { ...topology, unreachableSince: topology.readAt, members: topology.members.slice(0, 2) };
	expect(resolveTarget(silent, { cluster: "prod" }, "master")).toMatchObject({
		code: "target-unreachable",
		detail: `prod has not answered since ${topology.readAt}: ${why} (cache-1, cache-2).`,
	});
});

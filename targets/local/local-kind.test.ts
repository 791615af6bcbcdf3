import { hostname } from "node:os";
import { expect, it } from "vitest";
import { isProblem } from "../../core/problem.ts";
import { isAssumed } from "../../core/run-place.ts";
import { resolveTarget } from "../../core/target.ts";
import type { Target } from "../target-kind.ts";
import { type LocalConfig, localKind } from "./local-kind.ts";

const host = {
	now: () => new Date(0),
	readSecret: () => {
		throw new Error("none");
	},
};

/** The node that a reference without a role names. */
async function nodeOf(target: Target<LocalConfig>) {
	const observer = localKind.observe(target, host);
	const topology = await observer.read();
	await observer.close();
	expect(topology.members).toHaveLength(1);
	const node = resolveTarget(topology, { cluster: "local" }, localKind.defaultRole);
	if (isProblem(node)) throw new Error(node.detail);
	return node;
}

it("this machine is one member, which a reference without a role names", async () => {
	const target: Target<LocalConfig> = { name: "local", kind: "local", environment: "staging", config: {} };
	const node = await nodeOf(target);
	expect(node).toMatchObject({ name: hostname(), role: "host", address: hostname(), id: hostname() });
	expect(isAssumed(node)).toBe(false);
});

it("a machine that nobody has configured is known as such by its node, which is what a plan records", async () => {
	const node = await nodeOf({ name: "local", kind: "local", environment: "staging", isAssumed: true, config: {} });
	expect(node).toMatchObject({ name: hostname(), address: hostname() });
	expect(isAssumed(node)).toBe(true);
});

import { hostname } from "node:os";
import { expect, it } from "vitest";
import { isProblem } from "../../core/problem.ts";
import { resolveTarget } from "../../core/target.ts";
import type { Target } from "../target-kind.ts";
import { type LocalConfig, localKind } from "./local-kind.ts";

it("this machine is one member, which a reference without a role names", async () => {
	const target: Target<LocalConfig> = { name: "local", kind: "local", environment: "staging", config: {} };
	const observer = localKind.observe(target, {
		now: () => new Date(0),
		readSecret: () => {
			throw new Error("none");
		},
	});
	const topology = await observer.read();
	await observer.close();
	const node = resolveTarget(topology, { cluster: "local" }, localKind.defaultRole);
	expect(isProblem(node)).toBe(false);
	expect(node).toMatchObject({ name: hostname(), role: "host", address: hostname() });
	expect(topology.members).toHaveLength(1);
});

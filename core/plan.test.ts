import { expect, it } from "vitest";
import { planOf, stepPlan, stepWithFinally } from "../test/support/core-walk.ts";
import { clustersToName, planNodes } from "./plan.ts";

it("names the clusters that a plan's commands destroy, by its finally too", () => {
	const plan = planOf("u", [stepWithFinally("look", "PING", "read", "FLUSHALL", "destructive")]);
	expect(planNodes(plan).map((node) => node.cluster)).toEqual(["orders", "prodx"]);
	expect(plan).toMatchObject({ environment: "production", risk: "destructive" });
	expect(clustersToName(plan)).toEqual(["prodx"]);
});

it("names of the clusters that are destroyed those outside labs", () => {
	const both = planOf("u", [stepWithFinally("gone", "FLUSHALL", "destructive", "FLUSHALL", "destructive")]);
	expect(clustersToName(both)).toEqual(["prodx"]);
	const lab = planOf("u", [stepPlan("gone", "FLUSHALL", "destructive", "lab")]);
	expect(clustersToName(lab)).toEqual(["orders"]);
});

it("counts every command of a step that its author calls destructive", () => {
	const step = { ...stepWithFinally("gone", "SET a 1", "change", "PING", "read"), risk: "destructive" as const };
	expect(clustersToName(planOf("u", [step]))).toEqual(["prodx"]);
});

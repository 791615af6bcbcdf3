import { expect, it } from "vitest";
import type { Plan, PlanCommand } from "../../../core/plan.ts";
import { movedReferences, otherChanges, planChanges } from "./plan-changes.ts";

const command = (node: string, text: string, id = node): PlanCommand => ({
	node: { cluster: "orders", environment: "lab", kind: "redis", name: node, address: `${node}:1`, role: "master", id },
	reference: "orders.master",
	text,
	risk: "read",
});
const plan = (commands: PlanCommand[], more: object = {}): Plan =>
	({
		runbook: "d",
		steps: [{ step: "s", commands, finally: [], variables: [], cwd: null, risk: "read", expect: [], ...more }],
	}) as unknown as Plan;
const shape = (a: PlanCommand[], b: PlanCommand[]) =>
	planChanges(plan(a), plan(b)).map((l) => `${{ same: " ", gone: "-", new: "+" }[l.kind]}${l.node}> ${l.text}`);

it("a command that goes to another node now is shown as gone and new, the others as they are", () => {
	expect(
		shape(
			[command("c2", "CLIENT PAUSE"), command("s1", "SENTINEL FAILOVER")],
			[command("c3", "CLIENT PAUSE"), command("s1", "SENTINEL FAILOVER")],
		),
	).toEqual(["-c2> CLIENT PAUSE", "+c3> CLIENT PAUSE", " s1> SENTINEL FAILOVER"]);
});

it("another process at the same address is a change", () => {
	expect(shape([command("c2", "PING", "run-1")], [command("c2", "PING", "run-2")])).toEqual(["-c2> PING", "+c2> PING"]);
});

it("plans of different length are put beside each other whole", () => {
	expect(shape([], [command("a", "x")])).toEqual(["+a> x"]);
	expect(shape([command("a", "x"), command("a", "y")], [command("a", "y")])).toEqual(["-a> x", " a> y"]);
});

it("what moved beside the commands is named", () => {
	const before = plan([], { variables: [{ name: "HOST", hmac: "1" }] });
	const after = plan([], { variables: [{ name: "HOST", hmac: "2" }], cwd: "/tmp" });
	expect(otherChanges(before, after)).toEqual(["s: the value of HOST", "s: the working directory is /tmp"]);
});

it("what leads to another node now is named once, from where to where", () => {
	const shown = plan([command("c2", "PING"), command("c2", "INFO")]);
	expect(movedReferences(shown, plan([command("c3", "PING"), command("c3", "INFO")]))).toEqual([
		"orders.master: c2 → c3",
	]);
	expect(movedReferences(shown, plan([command("c2", "PING", "run-2")]))).toEqual([]);
});

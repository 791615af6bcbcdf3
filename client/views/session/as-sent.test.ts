import { expect, it } from "vitest";
import type { PlanCommand, StepPlan } from "../../../core/plan.ts";
import { ranLines } from "../replay/ran-text.ts";
import { asSent } from "./as-sent.ts";

const command = (name: string, text: string, more: Partial<PlanCommand> = {}) =>
	({
		node: { cluster: "orders", name, address: name },
		text,
		argv: text.split(" "),
		...more,
	}) as unknown as PlanCommand;
const later = { placeholders: [{ name: "newHost", from: "wait", expression: "result" }] };
const plan = {
	step: "fence",
	type: "redis",
	commands: [command("c1", "PING"), command("c2", "REPLICAOF {{newHost}} 6379", later)],
	finally: [{ command: command("c2", "SET a {{newHost}}", later) }],
} as unknown as StepPlan;
const sent = (...entries: object[]) => ({ ref: "r", bytes: 1, content: JSON.stringify(entries) });
const run = (commands: ReturnType<typeof sent> | undefined) => ({
	step: "fence",
	plan: { ref: "p", bytes: 1, content: JSON.stringify({ steps: [plan] }) },
	...(commands === undefined ? {} : { commands }),
});

it("what ran has the values that only the run could know, as they were sent; what was not sent stays as it was planned and is called so", () => {
	const done = { phase: "main", state: "done" };
	const commands = sent(
		{ ...done, node: "c1", text: "PING" },
		{ ...done, node: "c2", text: "REPLICAOF 10.0.0.3 6379" },
	);
	const ran = asSent(plan, commands);
	expect(ran.commands.map(({ text }) => text)).toEqual(["PING", "REPLICAOF 10.0.0.3 6379"]);
	expect(ran.commands[1]).not.toHaveProperty("placeholders");
	expect(ran.finally[0]?.command.text).toBe("SET a {{newHost}}");
	expect(ranLines(run(commands))).toEqual(["c1> PING", "c2> REPLICAOF 10.0.0.3 6379"]);

	const failed = sent(
		{ phase: "main", state: "failed", node: "c1", text: "PING" },
		{ phase: "main", state: "not-sent", node: "c2", text: "REPLICAOF {{newHost}} 6379" },
	);
	expect(asSent(plan, failed).commands[1]?.placeholders).toHaveLength(1);
	expect(ranLines(run(failed))).toEqual(["c1> PING", "c2> REPLICAOF {{newHost}} 6379  (not sent)"]);
	expect(asSent(plan, undefined)).toBe(plan);
	expect(ranLines({ step: "fence", plan: { ref: "p", bytes: 1 } })).toBeNull();
});

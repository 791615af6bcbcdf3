import { expect, it } from "vitest";
import { planOf, stepPlan } from "../../test/support/core-walk.ts";
import { planInWords } from "./run-report.ts";

it("a plan in words says where it runs: a machine that nobody has configured is this server", () => {
	const mark = stepPlan("mark", "SET a 1", "change", "lab");
	const environment = "staging" as const;
	const node = { cluster: "local", environment, kind: "local", name: "vm", address: "vm", role: "host", id: null };
	const where = {
		...stepPlan("where", "hostname", "unknown", "lab"),
		commands: [{ node, reference: "local", text: "hostname", risk: "unknown" as const }],
	};
	expect(planInWords(planOf("both", [mark, where])).split("\n")).toEqual([
		"This is what will run (change, lab and this server):",
		"    cache-1 (h:1, master)> SET a 1",
		"    vm (vm, host)> hostname",
	]);
	expect(planInWords(planOf("ask", [{ ...mark, risk: "read", commands: [] }]))).toBe("This is what will run (read):");
});

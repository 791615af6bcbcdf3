import { describe, expect, it } from "vitest";
import type { Topology } from "../../core/target.ts";
import { openTestRun, testSpec } from "../test-run.ts";
import { waitExecutor } from "./server.ts";
import { waitType } from "./type.ts";

const orders = (master: string): Topology => ({
	cluster: "orders",
	kind: "redis",
	environment: "lab",
	members: ["h:1", "h:2"].map((address) => ({
		name: address,
		address,
		role: address === master ? "master" : "replica",
		id: address,
		health: "up",
	})),
	disputes: [],
	attributes: {},
	readAt: "2026-01-01T00:00:00.000Z",
});

const until = { expression: "topology.master.address != before.master.address", everyMs: 10, timeoutMs: 3_000 };

describe("a wait for a time", () => {
	it("waits that long, says so, and gives how long", async () => {
		const test = openTestRun();
		const executor = waitExecutor(test.host);
		const plan = await executor.plan(
			testSpec(waitType, "The cache warms up.", { attributes: { for: "300ms" } }),
			test.context,
		);
		if (Array.isArray(plan)) throw new Error(JSON.stringify(plan));
		expect(plan).toMatchObject({ commands: [], risk: "read", detail: { forMs: 300, cluster: null } });
		const started = performance.now();
		expect(await executor.execute(plan, test.run)).toEqual({ result: { waitedMs: 300 }, exitCode: null });
		expect(performance.now() - started).toBeGreaterThanOrEqual(295);
		expect(test.shown()).toMatch(/^The cache warms up\.\n.*waited 300 ms\n$/s);
		await test.close();
	});

	it("may be longer than the default time limit", async () => {
		const test = openTestRun({ timeoutMs: 1_000 });
		const plan = await waitExecutor(test.host).plan(
			testSpec(waitType, "", { attributes: { for: "10m" } }),
			test.context,
		);
		expect(plan).toMatchObject({ timeoutMs: 605_000 });
		await test.close();
	});

	it("ends with a cancel", async () => {
		const test = openTestRun();
		const executor = waitExecutor(test.host);
		const plan = await executor.plan(testSpec(waitType, "", { attributes: { for: "60s" } }), test.context);
		if (Array.isArray(plan)) throw new Error();
		setTimeout(() => test.abort(new Error("cancelled")), 50);
		await expect(executor.execute(plan, test.run)).rejects.toThrow("cancelled");
		await test.close();
	});
});

describe("a wait for an expression", () => {
	const spec = (more = {}) =>
		testSpec(waitType, "A new master.", {
			attributes: { until: until.expression },
			until,
			target: "{{cluster}}",
			...more,
		});

	it("looks at the live topology until it holds", async () => {
		let looks = 0;
		const test = openTestRun({
			values: { cluster: "orders" },
			topologies: [orders("h:1")],
			readTopology: () => orders(++looks < 5 ? "h:1" : "h:2"),
		});
		const executor = waitExecutor(test.host);
		const plan = await executor.plan(spec(), test.context);
		if (Array.isArray(plan)) throw new Error(JSON.stringify(plan));
		expect(plan.detail).toMatchObject({ cluster: "orders" });
		const { problem, result } = await executor.execute(plan, test.run);
		expect(problem).toBeUndefined();
		expect(result).toMatchObject({ waitedMs: expect.any(Number) });
		expect(looks).toBe(5);
		expect(test.shown()).toMatch(/it holds after \d+ ms\n$/);
		await test.close();
	});

	it("says in the end who was master last", async () => {
		const test = openTestRun({ values: { cluster: "orders" }, topologies: [orders("h:1")] });
		const executor = waitExecutor(test.host);
		const plan = await executor.plan(spec({ until: { ...until, timeoutMs: 80 } }), test.context);
		if (Array.isArray(plan)) throw new Error(JSON.stringify(plan));
		const { problem } = await executor.execute(plan, test.run);
		expect(problem).toMatchObject({ code: "timeout" });
		expect(problem?.detail).toContain('"address":"h:1"');
		await test.close();
	});

	it("needs a target when it looks at a topology", async () => {
		const test = openTestRun({ topologies: [orders("h:1")] });
		const plan = await waitExecutor(test.host).plan(
			testSpec(waitType, "", { attributes: { until: until.expression }, until }),
			test.context,
		);
		expect(plan).toMatchObject([{ code: "target-missing" }]);
		await test.close();
	});
});

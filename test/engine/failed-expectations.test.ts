import { afterEach, expect, it } from "vitest";
import { fence } from "../support/fence.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let bench: TestSessions | undefined;
afterEach(async () => {
	await bench?.close();
	bench = undefined;
});

it.each([
	["output.contains('healthy')", 'output = "ill"'],
	["exitCode == 0", "exitCode = 3"],
	["result == 'healthy'", '"ill"'],
	["1 == 2", '"ill"'],
	["result == 'healthy' || exitCode == 0", 'result = "ill", exitCode = 3'],
])("when `%s` does not hold it says what was wanted, and that what came was %s", async (wanted, got) => {
	bench = await openTestSessions();
	const body = `printf ill; exit ${wanted.includes("exitCode") ? 3 : 0}`;
	const session = await bench.open(fence("sh", { name: "check", expect: wanted }, body));
	const { outcome, runs } = await bench.run(session, "check");
	expect(outcome).toBe("failed");
	expect(JSON.parse(runs[0]?.problem?.content ?? "{}")).toMatchObject({
		code: "check-failed",
		data: { wanted, got },
	});
});

it("a sentence that can't be filled in is not told as a fact: what could not be read is", async () => {
	bench = await openTestSessions();
	const checked = `---
steps:
  count:
    expect:
      - { that: "result.replicas > 1", otherwise: "There are {{result.replicas}} replicas." }
---
`;
	const session = await bench.open(checked + fence("sh", { name: "count" }, "echo none"));
	const { runs } = await bench.run(session, "count");
	const { code, detail } = JSON.parse(runs[0]?.problem?.content ?? "{}") as { code: string; detail: string };
	expect(code).toBe("check-failed");
	expect(detail).toContain("wanted `result.replicas > 1`: ");
	expect(detail).not.toContain("There are");
});

it("the expressions of a step have one budget together, its until one a look; a finally is sent all the same", async () => {
	bench = await openTestSessions();
	const costly = "output.split(' ').all(x, x.matches('[0-9]{1,9}') || true)";
	const attributes = {
		name: "hostile",
		expect: Array.from({ length: 100 }, () => costly),
		capture: { word: "result.exitCode" },
		until: `${costly} && unit.elapsedMs > 100`,
		every: "10ms",
		finally: [{ when: "unit.elapsedMs >= 0", run: "echo released" }],
	};
	const front = `---\nsteps:\n  hostile: ${JSON.stringify({ ...attributes, name: undefined })}\n---\n`;
	const session = await bench.open(`${front}${fence("sh", { name: "hostile", risk: "read" }, "seq -s ' ' 12000")}`);
	const started = process.cpuUsage();
	const { runs } = await bench.run(session, "hostile");
	// Without it these take half a minute.
	expect(process.cpuUsage(started).user / 1_000).toBeLessThan(10_000);
	const checks = JSON.parse(runs[0]?.checks?.content ?? "[]") as { held: boolean; why?: string }[];
	expect(checks).toHaveLength(100);
	expect(checks[0]).toMatchObject({ held: true });
	expect(checks.at(-1)?.why).toContain(
		"the expressions of the step `hostile` take more than 100 million units of work",
	);
	expect(runs[0]?.commands?.content).toContain('"phase":"finally"');
});

import { afterEach, beforeEach, expect, it } from "vitest";
import { startTestRedis } from "../../steps/redis/test-redis.ts";
import { fence } from "../support/fence.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let bench: TestSessions;
beforeEach(async () => {
	bench = await openTestSessions();
});
afterEach(() => bench.close());

async function outcomeOf(steps: string, unit: string): Promise<[string | undefined, string | undefined]> {
	const session = await bench.open(steps);
	const { runs } = await bench.run(session, unit);
	const last = runs.at(-1);
	return [last?.outcome, last?.problem?.content];
}

const pings = `${fence("sh", { name: "ping-a", risk: "read", expect: "output.contains('PONG')" }, "echo PONG")}${fence("sh", { name: "ping-b", risk: "read", expect: "output.contains('PONG')" }, "echo no answer")}`;

it("checks a recheck against its own output, not that of the one before", async () => {
	const [outcome, said] = await outcomeOf(
		`${pings}${fence("sh", { name: "act", recheck: "ping-a, ping-b" }, "echo x")}`,
		"act",
	);
	expect(outcome).toBe("failed");
	expect(said).toContain("“Ping b” does not hold now");
});

it("says in its terminal which of its output was a check that ran again, and where its own begins, by their titles", async () => {
	const act = fence(
		"sh",
		{ name: "act", title: "Act on it", recheck: "ping-a, ping-c", capture: "seen=output" },
		"echo mine",
	);
	const silent = fence("sh", { name: "ping-c", risk: "read", title: "Ping c" }, "printf unended");
	const session = await bench.open(`${pings}${silent}${act}`);
	const { outcome, runs } = await bench.run(session, "act");
	expect(outcome).toBe("succeeded");
	const shown = await bench.output(session, runs[0]?.run ?? "");
	expect(shown.replace(/\x1b\[\d*m/g, "").split("\r\n")).toEqual([
		"checking again: Ping a",
		"PONG",
		"",
		"checking again: Ping c",
		"unended",
		"checked; now the step itself: Act on it",
		"mine",
		"",
	]);
	// None of that is the step's output.
	expect(JSON.parse(bench.sessions.state(session).values.seen?.value?.content ?? "null").trim()).toBe("mine");
});

it("checks a step against its own output, not that of its rechecks", async () => {
	const act = fence("sh", { name: "act", recheck: "ping-a", expect: "output.contains('PONG')" }, "echo done");
	expect((await outcomeOf(`${pings}${act}`, "act"))[0]).toBe("failed");
});

it("captures of a step's own output only", async () => {
	const act = fence("sh", { name: "act", recheck: "ping-a", capture: "seen=output.trim()" }, "echo mine");
	const session = await bench.open(`${pings}${act}`);
	expect((await bench.run(session, "act")).outcome).toBe("succeeded");
	expect(JSON.parse(bench.sessions.state(session).values.seen?.value?.content ?? "null")).toBe("mine");
});

it("takes nothing that it writes itself for a step's output", async () => {
	const look = fence("sh", { name: "is-ready", risk: "read", expect: "output.contains('is-ready')" }, "true");
	expect((await outcomeOf(`${look}${fence("sh", { name: "act", recheck: "is-ready" }, "echo x")}`, "act"))[0]).toBe(
		"failed",
	);
	const waits = fence("wait", { name: "settle", expect: "output.contains('waited')", for: "1ms" }, "");
	expect((await outcomeOf(waits, "settle"))[0]).toBe("failed");
});

it("judges each look of an until by what that look printed", async () => {
	const redis = await startTestRedis();
	try {
		await bench.close();
		bench = await openTestSessions({ targets: [redis.target], timeoutMs: 5_000 });
		const target = `${redis.target.name}.master`;
		const attributes = { name: "look", target, until: "output.contains('7')", every: "10ms", timeout: "10s" };
		// The command has it, the reply has not until it has counted so far.
		await redis.cli(["SET", "key7", "5"]);
		const steps = fence("redis", { ...attributes, expect: "result == '7'" }, "GET key7");
		const session = await bench.open(steps);
		const ran = bench.run(session, "look");
		setTimeout(() => void redis.cli(["SET", "key7", "7"]), 300);
		const { runs } = await ran;
		expect([runs[0]?.outcome, runs[0]?.problem?.content]).toEqual(["succeeded", undefined]);
	} finally {
		await redis.close();
	}
});

import { afterEach, expect, it } from "vitest";
import { fence } from "../support/fence.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let bench: TestSessions | undefined;
afterEach(async () => {
	await bench?.close();
	bench = undefined;
});

it("lets an edit run in this session only, as a deviation with its diff", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "say" }, "echo one"));
	await bench.sessions.editStep(session, "say", "echo two", "typo", bench.alice);
	const { runs } = await bench.run(session, "say");
	expect(await bench.output(session, runs[0]?.run ?? "")).toBe("two\r\n");
	expect(bench.sessions.state(session).steps["say"]?.edited?.diff.content).toContain("+echo two");
	expect(bench.sessions.state(session).deviations).toBe(1);
});

it("refuses an edit or an addition that can't be run, and takes one that only waits for a value", async () => {
	bench = await openTestSessions();
	const { sessions, alice } = bench;
	const session = await bench.open(
		[
			fence("redis", { name: "lost", target: "nowhere.master" }, "PING"),
			fence("sh", { name: "look", capture: "word=output.trim()" }, "echo hello"),
		].join("\n"),
	);
	const edit = (step: string, body: string) => sessions.editStep(session, step, body, undefined, alice);
	const add = (body: string, target?: string) =>
		sessions.addStep(
			session,
			{ after: "look", type: "redis", title: "More", body, ...(target ? { target } : {}) },
			alice,
		);
	const before = sessions.state(session).seq;
	await expect(edit("look", " ")).rejects.toMatchObject({ problem: { code: "step-empty" } });
	await expect(edit("lost", "@nowhere.replica[x] PING")).rejects.toMatchObject({
		problem: { code: "target-reference-invalid" },
	});
	await expect(edit("lost", "@local PING")).rejects.toMatchObject({ problem: { code: "target-kind-mismatch" } });
	await expect(add("PING", "nowhere.master")).rejects.toMatchObject({ problem: { code: "target-unknown" } });
	await expect(add("PING")).rejects.toMatchObject({ problem: { code: "target-missing" } });
	expect(sessions.state(session).seq).toBe(before);
	// It was so before: that there is no such cluster is not what this edit did.
	await edit("lost", "INFO");
	await edit("look", "echo {{later}}");
	expect(sessions.state(session).seq).toBe(before + 2);
});

it("adds a step at any point and runs it", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "say" }, "echo one"));
	const { step } = await bench.sessions.addStep(
		session,
		{ after: "say", type: "shell", title: "Look again", body: "echo '```'; echo three" },
		bench.alice,
	);
	expect(bench.sessions.state(session).order).toEqual(["say", "look-again"]);
	const { runs } = await bench.run(session, step);
	expect(await bench.output(session, runs[0]?.run ?? "")).toBe("```\r\nthree\r\n");
});

it("runs a selection of a step's lines alone", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "two" }, "echo one\necho two"));
	const { plan } = await bench.sessions.plan(session, "two", "echo two");
	const { finished } = await bench.sessions.request(
		session,
		{ unit: "two", planDigest: plan.digest, confirmation: "none", selection: "echo two" },
		bench.alice,
	);
	const { runs } = await finished;
	expect(await bench.output(session, runs[0]?.run ?? "")).toBe("two\r\n");
	expect(bench.sessions.state(session).deviations).toBe(1);
});

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { decodeRecording, recordingBytes } from "../../core/recording.ts";
import { serverStream } from "../../core/session-event.ts";
import { verifyPath } from "../../server/records/verify.ts";
import { startTestRedis } from "../../steps/redis/test-redis.ts";
import { fence } from "../support/fence.ts";
import { openTestSessions, type TestSessions } from "../support/open-test-sessions.ts";

let bench: TestSessions | undefined;
afterEach(async () => {
	await bench?.close();
	bench = undefined;
});

it("runs a shell step, records every byte, and says finished only after the recording is sealed", async () => {
	bench = await openTestSessions();
	const session = await bench.open(`# Look\n\n${fence("sh", { name: "look" }, "printf 'a\\377b\\n'; seq 500")}`);
	const { outcome, runs } = await bench.run(session, "look");
	expect(outcome).toBe("succeeded");
	const recording = runs[0]?.recording;
	const cast = await bench.folder.recordings.read(session, runs[0]?.run ?? "");
	expect(cast.length).toBe(recording?.bytes);
	const bytes = recordingBytes(decodeRecording(new TextDecoder().decode(cast)).events);
	expect(bytes.length).toBe(recording?.outputBytes);
	const expected = Buffer.concat([
		Buffer.from("a\xffb\r\n", "latin1"),
		Buffer.from(Array.from({ length: 500 }, (_, i) => `${i + 1}\r\n`).join("")),
	]);
	expect(Buffer.from(bytes).equals(expected)).toBe(true);
});

it("has the intent in the record before the command starts", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "slow" }, "sleep 0.4"));
	const { plan, confirmation } = await bench.sessions.plan(session, "slow");
	const { finished } = await bench.sessions.request(
		session,
		{ unit: "slow", planDigest: plan.digest, confirmation },
		bench.alice,
	);
	await delay(200);
	const types = bench.folder.events.read(session).map((event) => event.type);
	expect(types).toContain("run.started");
	expect(types).not.toContain("run.finished");
	await finished;
});

it("starts a step once when two people press Run at the same moment", async () => {
	bench = await openTestSessions();
	const { sessions, alice } = bench;
	const session = await bench.open(fence("sh", { name: "once" }, "sleep 0.2; echo once"));
	const { plan } = await sessions.plan(session, "once");
	const press = () => sessions.request(session, { unit: "once", planDigest: plan.digest, confirmation: "none" }, alice);
	const pressed = await Promise.allSettled([press(), press(), press()]);
	const started = pressed.filter((p) => p.status === "fulfilled");
	expect(started).toHaveLength(1);
	await (started[0] as PromiseFulfilledResult<Awaited<ReturnType<typeof press>>>).value.finished;
	expect(bench.folder.events.read(session).filter((e) => e.type === "run.started")).toHaveLength(1);
});

describe("a request only to pass over", () => {
	const changes = (more: Record<string, string>) =>
		`---\nparameters:\n  mode: { type: string }\n---\n\n${fence("sh", { name: "look", risk: "read", capture: "found=output.contains('full') ? 'full' : 'small'" }, "cat found")}${fence("sh", { name: "change", risk: "change", ...more }, "echo done > changed")}`;
	const passOver = async (test: TestSessions, session: string) => {
		const { plan } = await test.sessions.plan(session, "change");
		const request = { unit: "change", planDigest: plan.digest, confirmation: "none" as const, passOver: true as const };
		return (await test.sessions.request(session, request, test.alice)).finished;
	};
	let folder: string;
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), "runledger-pass-over-"));
		bench = await openTestSessions();
	});
	afterEach(() => rm(folder, { recursive: true, force: true }));
	const inFolder = (source: string) =>
		source.replaceAll("cat found", `cat ${folder}/found`).replaceAll("> changed", `> ${folder}/changed`);
	const changed = () => readFile(join(folder, "changed"), "utf8").catch(() => null);

	it("records a step that is not needed as such, without asking anybody, and sends nothing", async () => {
		const test = bench as TestSessions;
		const session = await test.open(inFolder(changes({ when: "params.mode == 'full'" })), { mode: "small" });
		expect(await test.sessions.plan(session, "change")).toMatchObject({ confirmation: "key", unneeded: true });
		const { runs } = await passOver(test, session);
		expect(runs[0]).toMatchObject({ status: "finished", outcome: "skipped", confirmation: "none" });
		expect(await changed()).toBeNull();
	});

	it("begins nothing of a step that is needed by now: it still asks a person", async () => {
		const test = bench as TestSessions;
		const session = await test.open(inFolder(changes({ when: "params.mode == 'full'" })), { mode: "full" });
		expect(await test.sessions.plan(session, "change")).toMatchObject({ confirmation: "key", unneeded: false });
		const { runs } = await passOver(test, session);
		expect(runs[0]).toMatchObject({ status: "rejected" });
		expect(runs[0]?.problem?.content).toContain("needed by now");
		expect(test.sessions.state(session).steps["change"]?.status).toBe("idle");
		expect(await changed()).toBeNull();
	});

	it("sends nothing when what is checked again finds that it is needed after all", async () => {
		const test = bench as TestSessions;
		const when = { when: "values.found == 'full'", recheck: "look" };
		const session = await test.open(inFolder(changes(when)), { mode: "any" });
		await writeFile(join(folder, "found"), "small");
		await test.run(session, "look");
		await writeFile(join(folder, "found"), "full");
		expect(await test.sessions.plan(session, "change")).toMatchObject({ unneeded: true });
		const { outcome, runs } = await passOver(test, session);
		expect(outcome).toBe("failed");
		expect(runs[0]?.problem?.content).toContain("confirmation-needed");
		expect(await changed()).toBeNull();
	});

	it("can't tell yet that a step is not needed while its condition waits for a value", async () => {
		const test = bench as TestSessions;
		const session = await test.open(inFolder(changes({ when: "values.found == 'full'" })), { mode: "any" });
		expect(await test.sessions.plan(session, "change")).toMatchObject({ unneeded: false });
	});
});

it("refuses a plan that has changed since it was shown", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "say" }, "echo {{word}}"), {});
	await bench.sessions.setValue(session, "word", "one", bench.alice);
	const { plan } = await bench.sessions.plan(session, "say");
	await bench.sessions.setValue(session, "word", "two", bench.alice);
	const asked = bench.sessions.request(
		session,
		{ unit: "say", planDigest: plan.digest, confirmation: "none" },
		bench.alice,
	);
	await expect(asked).rejects.toMatchObject({ problem: { code: "plan-moved" } });
});

it("cancels a run and what it daemonised, and records that", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "long" }, "trap '' INT; setsid sleep 300 & sleep 300"));
	const { plan } = await bench.sessions.plan(session, "long");
	const { runs, finished } = await bench.sessions.request(
		session,
		{ unit: "long", planDigest: plan.digest, confirmation: "none" },
		bench.alice,
	);
	await delay(300);
	await bench.sessions.cancel(session, runs[0] ?? "", bench.bob);
	expect((await finished).outcome).toBe("cancelled");
	const marker = Buffer.from(`RUNLEDGER_RUN=${runs[0]}`);
	const { readdir } = await import("node:fs/promises");
	for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
		const environ = await readFile(`/proc/${pid}/environ`).catch(() => Buffer.alloc(0));
		expect(environ.includes(marker)).toBe(false);
	}
});

it("tells what a step that succeeded has left running, and leaves it there", async () => {
	bench = await openTestSessions();
	const session = await bench.open(
		// What has not left its session yet when the shell ends is hung up with it.
		fence("sh", { name: "start" }, "trap '' HUP; setsid -f sleep 1001") +
			fence("sh", { name: "tidy" }, "sleep 0 & wait; (echo done | cat)"),
	);
	const { outcome, runs } = await bench.run(session, "start");
	expect(outcome).toBe("succeeded");
	const told = JSON.parse(runs[0]?.problem?.content ?? "null");
	const pid = Number(/^`sleep` \(process (\d+)\) still runs, started by this step\.$/.exec(told?.detail)?.[1]);
	expect(told).toMatchObject({ code: "left-running", severity: "warning" });
	expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).toBe("sleep\x001001\0");
	process.kill(pid, "SIGKILL");
	expect(await bench.output(session, runs[0]?.run ?? "")).toContain(told.detail);
	expect((await bench.run(session, "tidy")).runs[0]?.problem).toBeUndefined();
});

it("begins nothing of a run whose cancellation is in the record before its start", async () => {
	bench = await openTestSessions();
	const { sessions, alice } = bench;
	const session = await bench.open(fence("sh", { name: "quick" }, "echo ran"));
	for (let round = 0; round < 20; round++) {
		const { plan } = await sessions.plan(session, "quick");
		const asked = { unit: "quick", planDigest: plan.digest, confirmation: "none" } as const;
		const { runs, finished } = await sessions.request(session, asked, alice);
		const run = runs[0] ?? "";
		// One that is over by then can't be cancelled; what counts is what the record says of the others.
		await sessions.cancel(session, run, alice).catch(() => undefined);
		const ended = await finished;
		const types = sessions
			.events(session, 0, 100_000)
			.filter(({ data }) => data.run === run)
			.map(({ type }) => type);
		const cancelled = types.indexOf("run.cancel-requested");
		const started = types.indexOf("run.started");
		if (cancelled >= 0 && started >= 0) expect(started).toBeLessThan(cancelled);
		if (cancelled < 0 || started >= 0) continue;
		expect(types).toEqual(["run.cancel-requested", "run.rejected"]);
		expect(ended).toMatchObject({ outcome: "cancelled", runs: [{ status: "rejected" }] });
	}
	expect(await verifyPath(bench.folder.paths.folder)).toMatchObject({ ok: true });
});

it("runs a group through, ends it at the first failure, and runs what was started back in reverse", async () => {
	bench = await openTestSessions();
	const front = `---
steps:
  hold: { finally: ["echo released >> $LOG"] }
  second: { finally: ["echo second-undone >> $LOG"] }
---
`;
	const session = await bench.open(
		`${front}
${fence("sh", { name: "setup" }, 'export LOG="$PWD/log-$$"; rm -f "$LOG"; echo $LOG')}
${fence("sh", { name: "hold", group: "g" }, "echo held >> $LOG")}
${fence("sh", { name: "second", group: "g" }, "echo second >> $LOG")}
${fence("sh", { name: "third", group: "g" }, "echo third >> $LOG; exit 4")}
${fence("sh", { name: "fourth", group: "g" }, "echo fourth >> $LOG")}
${fence("sh", { name: "show" }, "cat $LOG; rm $LOG")}
`,
	);
	expect((await bench.run(session, "setup")).outcome).toBe("succeeded");
	const group = await bench.run(session, "g");
	expect(group.outcome).toBe("failed");
	expect(group.runs.map((run) => run.status)).toEqual(["finished", "finished", "finished", "rejected"]);
	expect(group.runs.map((run) => run.outcome)).toEqual(["succeeded", "succeeded", "failed", undefined]);
	const shown = await bench.run(session, "show");
	expect(await bench.output(session, shown.runs[0]?.run ?? "")).toBe(
		"held\r\nsecond\r\nthird\r\nsecond-undone\r\nreleased\r\n",
	);
});

it("waits for a person's answers to a manual step, refuses incomplete ones, and records the rest", async () => {
	bench = await openTestSessions();
	const session = await bench.open("# Tell\n\n- [ ] told the team\n- [ ] opened a ticket\n");
	const step = bench.sessions.state(session).order[0] ?? "";
	const { plan, confirmation } = await bench.sessions.plan(session, step);
	const { runs, finished } = await bench.sessions.request(
		session,
		{ unit: step, planDigest: plan.digest, confirmation },
		bench.alice,
	);
	const answer = (checked: boolean[]) =>
		bench?.sessions.answer(session, runs[0] ?? "", { checked }, [], (bench as TestSessions).alice);
	const refusal = () =>
		answer([true, false])?.then(
			() => null,
			(error: { problem: { code: string } }) => error.problem.code,
		);
	await expect.poll(refusal, { timeout: 20_000 }).toBe("not-attested");
	await answer([true, true]);
	expect((await finished).outcome).toBe("succeeded");
	expect(bench.sessions.state(session).runs[runs[0] ?? ""]?.answers?.content).toContain("true");
	expect(await bench.output(session, runs[0] ?? "")).toContain("[x] opened a ticket");
});

it("marks a run lost when the server died in the middle of it, and ends what it left running", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "long" }, "echo begun; sleep 300"));
	const { plan } = await bench.sessions.plan(session, "long");
	await bench.sessions.request(session, { unit: "long", planDigest: plan.digest, confirmation: "none" }, bench.alice);
	await delay(400);
	// A copy of the folder as a crash would leave it: what is on disk at this moment.
	const copy = await mkdtemp(join(tmpdir(), "runledger-copy-"));
	await cp(bench.folder.paths.folder, copy, { recursive: true, filter: (path) => !path.endsWith(".sock") });
	const after = await openTestSessions({ at: copy });
	try {
		expect(await after.sessions.recover()).toBe(1);
		const state = after.sessions.state(session);
		expect(state.steps["long"]?.status).toBe("lost");
		const run = Object.values(state.runs)[0];
		expect(run?.commands?.content).toContain("may-have-happened");
		expect(await after.output(session, run?.run ?? "")).toContain("begun");
	} finally {
		await after.close(true);
		const report = await verifyPath(copy);
		expect(report).toMatchObject({ ok: true, firstBad: null });
		await rm(copy, { recursive: true, force: true });
	}
});

it("names each session's opening and closing head on the server's own stream", async () => {
	bench = await openTestSessions();
	const session = await bench.open(fence("sh", { name: "say" }, "echo one"));
	await bench.run(session, "say");
	await bench.sessions.close(session, "resolved", "all well", bench.alice);
	const heads = bench.folder.events.read(serverStream).filter((e) => e.type === "session.head");
	const last = bench.folder.events.heads().find((head) => head.stream === session);
	expect(heads.map((e) => e.data["at"])).toEqual(["opened", "closed"]);
	expect(heads[1]?.data).toMatchObject({ session, seq: last?.seq, hash: last?.hash });
});

it("a wait that only looks at a cluster outside a lab is refused in a drill, and runs in a change", async () => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.close());
	bench = await openTestSessions({ targets: [{ ...redis.target, name: "prodx", environment: "production" }] });
	const source = fence("wait", { name: "look", target: "prodx", until: "topology.master != null", timeout: "20s" }, "");
	const drill = await bench.open(source, {}, "drill");
	await expect(bench.run(drill, "look")).rejects.toMatchObject({ problem: { code: "target-not-lab" } });
	expect((await bench.run(await bench.open(source), "look")).outcome).toBe("succeeded");
});

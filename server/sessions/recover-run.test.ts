import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { PlanCommand, StepPlan } from "../../core/plan.ts";
import { createRecordingEncoder, outputLimitMark } from "../../core/recording.ts";
import type { RunState } from "../../core/session-state.ts";
import { stepPlan } from "../../test/support/core-walk.ts";
import { FolderRecordingStore } from "../records/folder-recording-store.ts";
import { recoverRun } from "./recover-run.ts";

let root: string;
let store: FolderRecordingStore;

beforeEach(async () => {
	root = mkdtempSync(join(tmpdir(), "runledger-recover-"));
	store = await FolderRecordingStore.open(root);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A recording as it stands when its server is killed; then what a new server makes of it. */
async function recovered(limitReached: boolean, marks: readonly string[] = [], planned?: StepPlan) {
	const writer = await store.create("s1", "r1");
	const encoder = createRecordingEncoder();
	await writer.append(Buffer.from(encoder.header({ cols: 80, rows: 24, startedAt: 1_700_000_000 })));
	await writer.append(Buffer.from(encoder.output(Buffer.from("one\r\n"), 1_200)));
	if (limitReached) await writer.append(Buffer.from(encoder.marker(outputLimitMark, 1_300)));
	for (const mark of marks) await writer.append(Buffer.from(encoder.marker(mark, 1_400)));
	await writer.sync();
	const plan = {
		ref: "p",
		bytes: 0,
		...(planned ? { content: JSON.stringify({ steps: [planned] }) } : {}),
	} as RunState["plan"];
	const run = { run: "r1", step: "look", plan, startedAt: "2026-11-22T03:10:00.500Z" } as RunState;
	return recoverRun("s1", run, await FolderRecordingStore.open(root), new Date("2026-11-22T03:20:30.000Z"));
}

it("a lost run's recording is as long as it is, and nothing of it was cut off at the limit", async () => {
	const { outcome, recording } = await recovered(false);
	expect(outcome.outcome).toBe("lost");
	expect(recording).toMatchObject({ outputBytes: 5, durationMs: 1_200, truncated: false });
});

it("a lost run's recording is cut off at the limit when it says so", async () => {
	expect((await recovered(true)).recording).toMatchObject({ truncated: true, durationMs: 1_300 });
});

const command = (text: string): PlanCommand => ({
	node: {
		cluster: "orders",
		environment: "production",
		kind: "redis",
		name: "cache-1",
		address: "10.0.0.1:6379",
		role: "master",
		id: "r",
	},
	reference: "orders.master",
	text,
	risk: "change",
});
const hold = {
	...stepPlan("look", "CLIENT PAUSE 20000 WRITE", "change", "production"),
	commands: [command("CLIENT PAUSE 20000 WRITE"), command("PING")],
	finally: [{ when: "topology.master != null", command: command("CLIENT UNPAUSE") }],
};
const paused = ["sent 0 main cache-1> CLIENT PAUSE 20000 WRITE", "replied 0"];

it("a run lost while it held something says first what was done, and that its finally is to be sent by a person", async () => {
	const { outcome } = await recovered(false, [...paused, "sent 1 main cache-1> PING"], hold);
	expect(outcome.problem).toMatchObject({
		code: "run-lost",
		detail:
			"The server ended in the middle of this run. Done: `CLIENT PAUSE 20000 WRITE` on cache-1. May have happened: `PING` on cache-1. Its `finally` was not sent: `CLIENT UNPAUSE` on cache-1. What the step began was not taken back by it. It began at 2026-11-22 03:10:00 UTC, the last that was recorded of it is from 2026-11-22 03:10:01 UTC, and it was found lost at 2026-11-22 03:20:30 UTC: how long it ran is not known.",
		next: "Look at the cluster orders now, then take it back yourself, in a step that you add here: `CLIENT UNPAUSE` on cache-1 (orders 10.0.0.1:6379), only while this holds: `topology.master != null`.",
	});
	expect(outcome.commands).toMatchObject([
		{ phase: "main", state: "done" },
		{ phase: "main", state: "may-have-happened" },
		{ phase: "finally", text: "CLIENT UNPAUSE", state: "not-sent" },
	]);
});

it("a run lost in the midst says nothing of what was only checked again, and the beginning of a long text", async () => {
	const long = `SET a ${"x".repeat(200)}`;
	const plan = { ...hold, commands: [command(long)], finally: [] };
	const marks = ["sent 0 recheck cache-1> PING", "replied 0", `sent 1 main cache-1> ${long}`];
	const { detail } = (await recovered(false, marks, plan)).outcome.problem ?? { detail: "" };
	const shown = `May have happened: \`${long.slice(0, 120)}…\` on cache-1.`;
	expect(detail).toContain(`The server ended in the middle of this run. ${shown} It began at `);
});

it("a run lost before its own commands has nothing to take back", async () => {
	const before = (await recovered(false, ["sent 0 recheck cache-1> PING", "replied 0"], hold)).outcome.problem;
	expect(before?.detail).toContain(
		"The server ended in the middle of this run. None of its commands was sent. It began at ",
	);
	expect(before?.next).toBeUndefined();
});

it("a run lost in its finally says that it may have happened", async () => {
	const sent = [...paused, "sent 1 main cache-1> PING", "replied 1", "sent 2 finally cache-1> CLIENT UNPAUSE"];
	const inside = (await recovered(false, sent, hold)).outcome.problem;
	expect(inside?.detail).toMatch(/May have happened: `CLIENT UNPAUSE` on cache-1\. It began at /);
	expect(inside?.next).toBe("Check on the cluster orders what may have happened before running it again.");
});

it("a lost step of a shell is to be looked for on its machine, not on a cluster", async () => {
	const node = { ...command("").node, cluster: "local", kind: "local", name: "db-7", address: "db-7", role: "host" };
	const plan = { ...hold, commands: [{ ...command("make"), node }], finally: [] };
	const { next } = (await recovered(false, ["sent 0 main db-7> make"], plan)).outcome.problem ?? {};
	expect(next).toBe("Check on the machine db-7, where the server ran, what may have happened before running it again.");
});

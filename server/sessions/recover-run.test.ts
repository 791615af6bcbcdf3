import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createRecordingEncoder, outputLimitMark } from "../../core/recording.ts";
import type { RunState } from "../../core/session-state.ts";
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
async function recovered(limitReached: boolean) {
	const writer = await store.create("s1", "r1");
	const encoder = createRecordingEncoder();
	await writer.append(Buffer.from(encoder.header({ cols: 80, rows: 24, startedAt: 1_700_000_000 })));
	await writer.append(Buffer.from(encoder.output(Buffer.from("one\r\n"), 1_200)));
	if (limitReached) await writer.append(Buffer.from(encoder.marker(outputLimitMark, 1_300)));
	await writer.sync();
	const plan = { ref: "p", bytes: 0 } as RunState["plan"];
	return recoverRun("s1", { run: "r1", step: "look", plan } as RunState, await FolderRecordingStore.open(root));
}

it("a lost run's recording is as long as it is, and nothing of it was cut off at the limit", async () => {
	const { outcome, recording } = await recovered(false);
	expect(outcome.outcome).toBe("lost");
	expect(recording).toMatchObject({ outputBytes: 5, durationMs: 1_200, truncated: false });
});

it("a lost run's recording is cut off at the limit when it says so", async () => {
	expect((await recovered(true)).recording).toMatchObject({ truncated: true, durationMs: 1_300 });
});

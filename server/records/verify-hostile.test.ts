import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { systemActor } from "../../core/access.ts";
import type { SessionEventDraft } from "../../core/session-event.ts";
import {
	openingDraft,
	openSampleFolder,
	runDrafts,
	sampleActor,
	sampleOrigin,
	startDraft,
} from "../../test/support/sample-record.ts";
import { exportSession } from "./export.ts";
import { sessionHead } from "./session-head.ts";
import { verifyPath } from "./verify.ts";

const root = mkdtempSync(join(tmpdir(), "verify-hostile-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Hashes, chain, heads and manifest fit: only the texts are none that a server writes. */
async function writeHostile(name: string, texts: Record<"plan" | "told", unknown>): Promise<string[]> {
	const data = join(root, name);
	const folder = await openSampleFolder(data);
	const { requested, finished } = runDrafts("r1", 1);
	let seq = 0;
	const append = async (draft: SessionEventDraft) => {
		const system = draft.type === "run.started" || draft.type === "run.finished";
		const event = { actor: system ? systemActor : sampleActor, origin: sampleOrigin, draft };
		const written = await folder.events.append("s1", seq, [event]);
		seq += 1;
		return written[0];
	};
	const told = { content: JSON.stringify(texts.told) };
	const opened = await append(openingDraft("s1"));
	const head = { actor: systemActor, origin: sampleOrigin };
	if (opened) await folder.events.append("server", 0, [{ ...head, draft: sessionHead(opened) }]);
	const asked = await append({
		...requested,
		data: { ...requested.data, plan: { content: JSON.stringify(texts.plan) } },
	} as SessionEventDraft);
	await append(startDraft(asked));
	await append({
		...finished,
		data: { ...finished.data, result: told, captured: told, checks: told, commands: told, problem: told },
	} as SessionEventDraft);
	await append({ type: "value.set", data: { name: "v", value: told, secret: false, source: "person" } });
	const out = join(root, `${name}-exported`);
	await exportSession(folder.events, folder.recordings, "s1", out);
	await folder.close();
	return [data, out];
}

test("a record that fits together is verified to its end, whatever its texts hold", async () => {
	const given: Record<"plan" | "told", unknown>[] = [
		{ plan: { steps: [null, 1] }, told: [null] },
		{ plan: null, told: 5 },
		...fc.sample(fc.record({ plan: fc.jsonValue(), told: fc.jsonValue() }), 10),
	];
	for (const [i, texts] of given.entries()) {
		for (const place of await writeHostile(`h${i}`, texts)) {
			expect(await verifyPath(place), `${place} ${JSON.stringify(texts)}`).toMatchObject({ ok: true, reason: null });
		}
	}
});

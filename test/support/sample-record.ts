import { createHash } from "node:crypto";
import { type Actor, systemActor } from "../../core/access.ts";
import type { JsonValue } from "../../core/json.ts";
import { createRecordingEncoder } from "../../core/recording.ts";
import {
	type JoinedEvent,
	type Origin,
	type SessionEvent,
	type SessionEventDraft,
	serverStream,
} from "../../core/session-event.ts";
import { serverOrigin } from "../../server/access/server-journal.ts";
import { type DataFolder, openDataFolder } from "../../server/records/data-folder.ts";
import { sessionHead } from "../../server/records/session-head.ts";

export const sampleActor: Actor = {
	id: "person-1",
	issuer: "runledger",
	roles: ["responder"],
	signIn: "sign-in-1",
	assurance: "self-declared",
};
export const sampleOrigin: Origin = { address: "127.0.0.1", userAgent: "a test" };

/** Opens a data folder with the machine's own clocks. */
export function openSampleFolder(folder: string): Promise<DataFolder> {
	return openDataFolder(folder, { now: Date.now, mono: () => process.hrtime.bigint() });
}

/** A draft of a note, the plainest event. */
export function noteDraft(text: string): SessionEventDraft {
	return { type: "note.added", data: { note: "note-1", text: { content: text }, attachments: [] } };
}

/** The draft that a session begins with. */
export function openingDraft(session: string): SessionEventDraft {
	const source = `# Sample ${session}\n\nA runbook.\n`;
	return {
		type: "session.opened",
		data: {
			session,
			kind: "incident",
			ticket: { content: "INC-42" },
			runbook: { path: "sample.md", digest: createHash("sha256").update(source).digest("hex") },
			title: { content: `Sample ${session}` },
			source: { content: source },
			outline: { content: '[{"name":"look","type":"shell"}]' },
		},
	};
}

/** The drafts with which a run of `look` is asked for, and the one with which it ends without a recording. */
export function runDrafts(run: string, attempt: number): { requested: SessionEventDraft; finished: SessionEventDraft } {
	const planDigest = createHash("sha256").update(run).digest("hex");
	return {
		requested: {
			type: "run.requested",
			data: {
				unit: { name: "look", group: false },
				runs: [{ run, step: "look", attempt }],
				planDigest,
				plan: { content: JSON.stringify(samplePlan(`echo ${run}`)) },
				risk: "read",
				environment: "lab",
				confirmation: "none",
				approvalNeeded: false,
			},
		},
		finished: {
			type: "run.finished",
			data: { run, step: "look", outcome: "cancelled", exitCode: null, checked: false, recording: null },
		},
	};
}

/** The draft that starts what was asked for: with the text that was confirmed, not another of the same words. */
export function startDraft(requested: JoinedEvent | undefined): SessionEventDraft {
	const asked = requested?.data as Extract<SessionEvent, { type: "run.requested" }>["data"] | undefined;
	const first = asked?.runs[0];
	if (!first) throw new Error("Nothing was asked for.");
	const { plan, planDigest } = asked;
	return { type: "run.started", data: { run: first.run, step: first.step, planDigest, plan, approval: null } };
}

export interface SampleSession {
	session: string;
	runs: string[];
	attachment: string;
}

/**
 * Writes one session as the server would: opened, with values, runs that have recordings, a note with a picture, and
 * closed unless told; the heads in the server's stream.
 */
export async function writeSampleSession(
	folder: DataFolder,
	session: string,
	options: { runs?: number; close?: boolean } = {},
): Promise<SampleSession> {
	let seq = 0;
	const append = async (...drafts: SessionEventDraft[]) => {
		const events = drafts.map((draft) => ({
			actor: draft.type === "run.started" || draft.type === "run.finished" ? systemActor : sampleActor,
			origin: sampleOrigin,
			draft,
		}));
		const written = await folder.events.append(session, seq, events);
		seq += written.length;
		return written;
	};
	const head = async (event: Parameters<typeof sessionHead>[0] | undefined) => {
		if (!event) return;
		const expected = folder.events.heads().find(({ stream }) => stream === serverStream)?.seq ?? 0;
		const draft = sessionHead(event);
		await folder.events.append(serverStream, expected, [{ actor: systemActor, origin: serverOrigin, draft }]);
	};
	const [opened] = await append(openingDraft(session));
	await head(opened);
	await append(
		{ type: "participant.joined", data: { participant: "person-1", name: { content: "Ada" } } },
		{
			type: "value.set",
			data: { name: "cluster", value: { content: '"orders"' }, secret: false, source: "parameter" },
		},
	);
	const runs: string[] = [];
	for (let attempt = 1; attempt <= (options.runs ?? 3); attempt += 1) {
		const run = `run-${session}-${attempt}`;
		await writeRun(folder, session, run, attempt, append);
		runs.push(run);
	}
	const picture = Buffer.from(`a picture of ${session}`);
	const attachment = await folder.recordings.putAttachment(picture);
	await append({
		type: "note.added",
		data: {
			note: "note-1",
			text: { content: "The replicas caught up." },
			attachments: [{ sha256: attachment, mediaType: "image/png", bytes: picture.length }],
		},
	});
	if (options.close ?? true) {
		const [closed] = await append({
			type: "session.closed",
			data: { outcome: "resolved", summary: { content: `All is well with ${session}.` } },
		});
		await head(closed);
	}
	return { session, runs, attachment };
}

async function writeRun(
	folder: DataFolder,
	session: string,
	run: string,
	attempt: number,
	append: (...drafts: SessionEventDraft[]) => Promise<JoinedEvent[]>,
): Promise<void> {
	const [requested] = await append(runDrafts(run, attempt).requested);
	await append(startDraft(requested));
	const writer = await folder.recordings.create(session, run);
	const encoder = createRecordingEncoder();
	const output = Buffer.from(`${run}\r\n\x1b[32mrole:master\x1b[0m on attempt ${attempt}\r\n`);
	await writer.append(Buffer.from(encoder.header({ cols: 80, rows: 24, startedAt: 1_700_000_000 })));
	await writer.append(Buffer.from(encoder.output(output, 20)));
	await writer.append(Buffer.from(encoder.exit(0, 40)));
	const sealed = await writer.seal();
	await append({
		type: "run.finished",
		data: {
			run,
			step: "look",
			outcome: "succeeded",
			exitCode: 0,
			checked: true,
			result: { content: '{"role":"master"}' },
			recording: { ...sealed, outputBytes: output.length, truncated: false, durationMs: 40 },
		},
	});
}

/** As much of a plan as the record's readers look at. */
function samplePlan(text: string): JsonValue {
	const node = { cluster: "orders", name: "cache-1", address: "127.0.0.1:6379", role: "master", environment: "lab" };
	return {
		v: 1,
		steps: [{ step: "look", type: "shell", commands: [{ node, reference: "orders", text, risk: "read" }] }],
	};
}

/** Writes a record of three sessions, the last of them still open; gives its open folder and the session `first`. */
export async function writeSampleRecord(path: string): Promise<{ folder: DataFolder; first: SampleSession }> {
	const folder = await openSampleFolder(path);
	const first = await writeSampleSession(folder, "first");
	await writeSampleSession(folder, "second");
	await writeSampleSession(folder, "open", { close: false });
	return { folder, first };
}

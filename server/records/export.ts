import { createHash, randomUUID } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import yazl from "yazl";
import { ProblemError } from "../../core/problem.ts";
import { accountOf } from "../../core/record/account.ts";
import { canonicalJson } from "../../core/record/canonical-json.ts";
import { contentReferences } from "../../core/record/content-references.ts";
import { exportFiles } from "../../core/record/export-files.ts";
import { formatManifest, manifestFile } from "../../core/record/manifest.ts";
import { type Envelope, type JoinedEvent, serverStream } from "../../core/session-event.ts";
import { syncFolder, writeAll } from "./durable-file.ts";
import type { EventStore, StoredEvent } from "./event-store.ts";
import { nodeRecordCrypto } from "./node-record-crypto.ts";
import type { RecordingStore } from "./recording-store.ts";
import { sealZip, zipSealBlank } from "./zip-seal.ts";

const pieceBytes = 1024 * 1024;
/** For how long the server's heads of the session are waited for: two seconds. */
const headTries = 41;
const headEveryMs = 50;

type EventSource = Pick<EventStore, "read" | "readStored" | "contents">;
type RecordingSource = Pick<RecordingStore, "list" | "size" | "read" | "readAttachment">;

/**
 * Exports one session to a folder, or to an archive when `out` ends in `.zip`: its events verbatim, the texts, the
 * recordings, attachments, the runbook as it was, an account in words, and a manifest. Whole and durable when it
 * resolves; gives the absolute path. Throws `session-unknown`, or `usage` when `out` exists already.
 */
export async function exportSession(
	store: EventSource,
	recordings: RecordingSource,
	session: string,
	out: string,
): Promise<string> {
	const target = resolve(out);
	const stored = session === serverStream ? [] : [...store.readStored(session)];
	if (stored.length === 0) throw new ProblemError("session-unknown", `There is no session ${session}.`);
	if (existsSync(target) && !(await isEmptyFolder(target)))
		throw new ProblemError("usage", `${target} exists already.`);
	const partial = `${target}.${randomUUID()}.partial`;
	try {
		await writeFolder(store, recordings, session, stored, partial);
		if (target.endsWith(".zip")) {
			await pack(partial, `${partial}.zip`);
			await rename(`${partial}.zip`, target);
		} else {
			await rename(partial, target);
		}
		await syncFolder(dirname(target));
		return target;
	} finally {
		await rm(partial, { recursive: true, force: true });
		await rm(`${partial}.zip`, { force: true });
	}
}

async function writeFolder(
	store: EventSource,
	recordings: RecordingSource,
	session: string,
	stored: readonly StoredEvent[],
	folder: string,
): Promise<void> {
	const last = stored.at(-1);
	if (!last) return;
	for (const name of ["recordings", "attachments"]) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
	const files = new Map<string, string>();
	const add = async (file: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
		files.set(file, await writeFile(join(folder, file), pieces));
	};
	const envelopes = stored.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as Envelope);
	const joined = store.read(session, 0, stored.length);

	await add(exportFiles.events, lines(stored.map(({ bytes }) => bytes)));
	await add(exportFiles.serverHeads, lines(await serverHeads(store, session, envelopes)));
	await add(exportFiles.content, contentLines(store, session, envelopes));
	const runbook = runbookOf(joined);
	if (runbook !== null) await add(exportFiles.runbook, [Buffer.from(runbook)]);
	const begun = new Set(joined.filter(({ type }) => type === "run.started").map(({ data }) => data.run));
	for (const run of await recordings.list(session)) {
		// One that began after these events were read.
		if (!begun.has(run)) continue;
		// Of a run that is still under way: as long as it is now.
		const size = (await recordings.size(session, run)) ?? 0;
		await add(recordingFile(joined, session, run), recordingPieces(recordings, session, run, size));
	}
	for (const sha256 of attachmentsOf(joined)) {
		const bytes = await recordings.readAttachment(sha256);
		if (bytes) await add(`attachments/${sha256}`, [bytes]);
	}
	await add(exportFiles.account, [Buffer.from(accountOf(joined))]);
	const manifest = { files, head: { stream: session, seq: last.seq, hash: last.hash } };
	await writeFile(join(folder, manifestFile), [Buffer.from(formatManifest(manifest, nodeRecordCrypto))]);
	for (const name of ["recordings", "attachments", "."]) await syncFolder(join(folder, name));
}

/** Writes a file durably and gives its SHA-256 in hex. */
async function writeFile(path: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
	const hash = createHash("sha256");
	const file = await open(path, "wx", 0o600);
	try {
		let position = 0;
		for await (const piece of pieces) {
			await writeAll(file.fd, piece, position);
			hash.update(piece);
			position += piece.length;
		}
		await file.sync();
	} finally {
		await file.close();
	}
	return hash.digest("hex");
}

function* lines(all: Iterable<Uint8Array>): Generator<Uint8Array> {
	for (const bytes of all) yield Buffer.concat([bytes, Buffer.from("\n")]);
}

/**
 * The server's own heads of the session. They are written just after the session's events, so that an export of a
 * session that has been closed this moment waits for its closing head: a verifier takes one that is missing for taken away.
 */
async function serverHeads(
	store: EventSource,
	session: string,
	events: readonly Envelope[],
): Promise<readonly Uint8Array[]> {
	const awaited = events.filter(({ type }) => type === "session.opened" || type === "session.closed");
	for (let tried = 1; ; tried += 1) {
		const found: Uint8Array[] = [];
		const headed = new Set<unknown>();
		for (const { bytes } of store.readStored(serverStream)) {
			const { type, data } = JSON.parse(Buffer.from(bytes).toString()) as Envelope;
			if (type !== "session.head" || data.session !== session) continue;
			found.push(bytes);
			headed.add(data.seq);
		}
		if (tried === headTries || awaited.every(({ seq }) => headed.has(seq))) return found;
		await setTimeout(headEveryMs);
	}
}

/** The texts, and a line for each that was erased, so that one that is merely gone is found. */
function* contentLines(store: EventSource, session: string, events: readonly Envelope[]): Generator<Uint8Array> {
	const wanted = new Set(events.flatMap(({ data }) => [...contentReferences(data)].map(({ ref }) => ref)));
	for (const { ref, salt, content } of store.contents(session)) {
		if (wanted.delete(ref)) yield Buffer.from(`${canonicalJson({ ref, salt, content })}\n`);
	}
	for (const ref of wanted) yield Buffer.from(`${canonicalJson({ ref, erased: true })}\n`);
}

function runbookOf(events: readonly JoinedEvent[]): string | null {
	const source = events.find(({ type }) => type === "session.opened")?.data.source as { content?: string } | undefined;
	return source?.content ?? null;
}

/** The name that `run.finished` vouches for; of a run without an end, the name that it would have had. */
function recordingFile(events: readonly JoinedEvent[], session: string, run: string): string {
	const finished = events.find(({ type, data }) => type === "run.finished" && data.run === run);
	const recording = finished?.data.recording as { file: string } | null | undefined;
	return recording?.file ?? `recordings/${session}.${run}.cast`;
}

async function* recordingPieces(
	recordings: RecordingSource,
	session: string,
	run: string,
	size: number,
): AsyncGenerator<Uint8Array> {
	for (let start = 0; start < size; start += pieceBytes) {
		yield await recordings.read(session, run, start, Math.min(size, start + pieceBytes));
	}
}

function attachmentsOf(events: readonly JoinedEvent[]): Set<string> {
	return new Set(
		events
			.filter(({ type }) => type === "note.added" || type === "run.answered")
			.flatMap(({ data }) => (data.attachments as { sha256: string }[]).map(({ sha256 }) => sha256)),
	);
}

/** Stored, not compressed: a verifier then never has to unpack anything that could swell. */
async function pack(folder: string, path: string): Promise<void> {
	const zip = new yazl.ZipFile();
	const options = { compress: false, mtime: new Date(2000, 0, 1), mode: 0o100600, forceDosTimestamp: true };
	for (const prefix of ["", "recordings/", "attachments/"]) {
		const entries = await readdir(join(folder, prefix), { withFileTypes: true });
		for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
			if (entry.isFile()) zip.addFile(join(folder, prefix, entry.name), `${prefix}${entry.name}`, options);
		}
	}
	zip.end({ comment: zipSealBlank, forceZip64Format: false });
	await pipeline(zip.outputStream, createWriteStream(path, { mode: 0o600 }));
	await sealZip(path);
}

async function isEmptyFolder(path: string): Promise<boolean> {
	try {
		return (await readdir(path)).length === 0;
	} catch {
		return false;
	}
}

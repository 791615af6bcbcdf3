import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Express, type Request, type RequestHandler, raw } from "express";
import { ProblemError } from "../../core/problem.ts";
import { httpRoutes } from "../../core/protocol.ts";
import type { Reads } from "../access/reads.ts";
import { pictureType } from "../records/picture-type.ts";
import type { RecordingStore } from "../records/recording-store.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Callers } from "./callers.ts";
import { inertPolicy } from "./content-security.ts";

/** The largest picture that can be attached, in bytes. */
export const maxPictureBytes = 10 * 2 ** 20;
/** Pictures that are on their way, of one person and in all: each is in memory until it is whole. */
const mostUploads = 20;
const mostUploadsInAll = 40;
/** A recording is sent in pieces of this size, so that a long one costs no memory. */
const pieceBytes = 2 ** 20;
const eventsAtOnce = 1_000;

/** Recordings, events, exports and pictures over plain HTTP. */
export function addRecordRoutes(
	app: Express,
	parts: {
		callers: Callers;
		reads: Reads;
		sessions: Sessions;
		recordings: RecordingStore;
		/** The zip of one session. Throws `session-unknown`. */
		exportZip(session: string): Promise<NodeJS.ReadableStream>;
	},
): void {
	const { callers, reads, sessions, recordings, exportZip } = parts;

	app.get("/api/sessions/:session/recordings/:run", async (request, response) => {
		const { session, run } = request.params;
		sessions.state(session);
		const size = await recordings.size(session, run);
		if (size === null) throw new ProblemError("run-unknown", "There is no recording of this run.");
		const start = offsetOf(request, "start") ?? 0;
		const end = Math.min(offsetOf(request, "end") ?? size, size);
		await reads.read(callers.of(request), { what: "recording", session, detail: run });
		response.set({
			"content-type": "application/x-asciicast",
			"cache-control": "no-store",
			"content-length": String(Math.max(0, end - start)),
			// How long the file is now: a run may still be writing it.
			"x-recording-bytes": String(size),
		});
		await pipeline(Readable.from(pieces(recordings, session, run, start, end), { objectMode: false }), response);
	});

	app.get("/api/sessions/:session/events", async (request, response) => {
		const { session } = request.params;
		sessions.state(session);
		await reads.read(callers.of(request), { what: "record", session });
		response.set({ "content-type": "application/x-ndjson; charset=utf-8", "cache-control": "no-store" });
		await pipeline(Readable.from(eventLines(sessions, session)), response);
	});

	app.get("/api/sessions/:session/export", async (request, response) => {
		const { session } = request.params;
		sessions.state(session);
		await reads.read(callers.of(request), { what: "export", session });
		const zip = await exportZip(session);
		response.set({
			"content-type": "application/zip",
			"cache-control": "no-store",
			"content-disposition": `attachment; filename="runledger-${session.replace(/[^A-Za-z0-9-]/g, "_")}.zip"`,
		});
		await pipeline(zip, response);
	});

	app.post(
		httpRoutes.attachments,
		boundUploads(callers),
		raw({ type: () => true, limit: maxPictureBytes }),
		async (request, response) => {
			callers.of(request);
			const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
			const mediaType = pictureType(bytes);
			if (mediaType === null) throw new ProblemError("attachment-type");
			const sha256 = await recordings.putAttachment(bytes);
			response.status(201).json({ sha256, mediaType, bytes: bytes.length });
		},
	);

	app.get("/api/attachments/:sha256", async (request, response) => {
		const { sha256 } = request.params;
		const bytes = /^[0-9a-f]{64}$/.test(sha256) ? await recordings.readAttachment(sha256) : null;
		const mediaType = bytes && pictureType(bytes);
		if (!bytes || !mediaType) throw new ProblemError("not-found");
		await reads.read(callers.of(request), { what: "attachment", detail: sha256 });
		response
			.set({ "content-type": mediaType, "cache-control": "private, max-age=31536000, immutable" })
			// Whatever the bytes are, nothing in them runs.
			.set("content-security-policy", `${inertPolicy}; sandbox`)
			.send(Buffer.from(bytes));
	});
}

function boundUploads(callers: Callers): RequestHandler {
	const ofPerson = new Map<string, number>();
	let inAll = 0;
	return (request, response, next) => {
		const { id } = callers.of(request).identity;
		const held = ofPerson.get(id) ?? 0;
		if (held >= mostUploads || inAll >= mostUploadsInAll) {
			throw new ProblemError("too-many-requests", "Too many pictures are on their way at once.");
		}
		ofPerson.set(id, held + 1);
		inAll++;
		response.once("close", () => {
			const left = (ofPerson.get(id) ?? 0) - 1;
			if (left > 0) ofPerson.set(id, left);
			else ofPerson.delete(id);
			inAll--;
		});
		next();
	};
}

async function* pieces(
	recordings: RecordingStore,
	session: string,
	run: string,
	start: number,
	end: number,
): AsyncGenerator<Uint8Array> {
	for (let at = start; at < end; ) {
		const piece = await recordings.read(session, run, at, Math.min(end, at + pieceBytes));
		if (piece.length === 0) return;
		yield piece;
		at += piece.length;
	}
}

function* eventLines(sessions: Sessions, session: string): Generator<string> {
	for (let after = 0; ; ) {
		const events = sessions.events(session, after, eventsAtOnce);
		for (const event of events) yield `${JSON.stringify(event)}\n`;
		const last = events.at(-1);
		if (!last || events.length < eventsAtOnce) return;
		after = last.seq;
	}
}

function offsetOf(request: Request, name: string): number | null {
	const text = request.query[name];
	if (text === undefined) return null;
	if (typeof text !== "string" || !/^\d{1,15}$/.test(text)) {
		throw new ProblemError("bad-request", `\`${name}\` is an offset in bytes.`, { data: { field: name } });
	}
	return Number(text);
}

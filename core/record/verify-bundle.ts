import { type Actor, systemActor } from "../access.ts";
import { evolveInPlace } from "../evolve.ts";
import { toHex } from "../plan.ts";
import {
	type Envelope,
	type JoinedEvent,
	serverEventSchema,
	serverStream,
	sessionEventSchema,
} from "../session-event.ts";
import { newSession, type SessionState } from "../session-state.ts";
import { whyImpossible } from "../why-impossible.ts";
import { BadRecord } from "./bad-record.ts";
import { contentReferences } from "./content-references.ts";
import { eventHash } from "./event-hash.ts";
import { exportFiles } from "./export-files.ts";
import { hmacSha256 } from "./hmac-sha256.ts";
import { joinContents } from "./join-contents.ts";
import { readEvent } from "./read-event.ts";
import type { RecordCrypto } from "./record-crypto.ts";
import type { NotedHead, RecordReader } from "./record-reader.ts";
import { ReferenceSet } from "./reference-set.ts";
import { type Caveats, cannotTell, noCaveats, type VerifyReport } from "./verify-report.ts";
import { verifyStream } from "./verify-stream.ts";

/** What an event of the server's stream, `by`, notes of a session. */
interface SessionHead extends NotedHead {
	at: "opened" | "closed";
	by: Envelope;
}

/** A recording as its `run.finished` vouches for it. */
interface Vouched {
	file: string;
	sha256: string;
	bytes: number;
}

/**
 * Verifies a record from whatever holds it: events and their chains, contents, the server's heads of sessions, what else
 * the reader can check of the events, recordings, attachments, and the reader's own place, in this order. Server, command line and browser call this function.
 * Never throws for a record that is bad; an error of the reader's medium (a disk that fails) passes through.
 * `only` limits it to one session and the server's stream.
 */
export async function verifyBundle(
	reader: RecordReader,
	crypto: RecordCrypto,
	options: { only?: string } = {},
): Promise<VerifyReport> {
	const verification = new Verification(reader, crypto);
	try {
		await verification.run(options.only);
		return verification.report(null);
	} catch (error) {
		if (error instanceof BadRecord) return verification.report(error);
		throw error;
	}
}

class Verification {
	readonly #reader: RecordReader;
	readonly #crypto: RecordCrypto;
	readonly #checked = { events: 0, recordings: 0, bytes: 0 };
	readonly #caveats: Caveats;
	readonly #heads = new Map<string, SessionHead[]>();
	readonly #opened = new Set<string>();
	readonly #streams = new Map<string, NotedHead>();
	readonly #contents = new ReferenceSet();
	/** Of an export: what it is made from must be what it would be made from again. */
	readonly #joined: JoinedEvent[] = [];
	readonly #untold: string[] = [];
	readonly #recordings: Vouched[] = [];
	readonly #vouchedFiles = new Set<string>();
	/** The recordings of runs that have begun and not ended, by their names. */
	readonly #openFiles = new Set<string>();
	/** Of runs that ended without one: what could not be sealed may lie there. */
	readonly #unsealedFiles = new Set<string>();
	readonly #attachments = new Set<string>();

	constructor(reader: RecordReader, crypto: RecordCrypto) {
		this.#reader = reader;
		this.#crypto = crypto;
		this.#caveats = noCaveats(reader.scope);
	}

	async run(only: string | undefined): Promise<void> {
		const known = new Set(this.#reader.streams());
		if (this.#reader.scope === "server") {
			if (known.has(serverStream)) await this.#stream(serverStream);
			else if (this.#reader.head(serverStream)) {
				throw new BadRecord({ stream: serverStream, seq: 1 }, "The server's own stream is missing.");
			}
		} else {
			await this.#excerpt(known);
		}
		const wanted = (stream: string) => stream !== serverStream && (only === undefined || stream === only);
		for (const stream of known) if (wanted(stream)) await this.#stream(stream);
		for (const stream of [...this.#heads.keys(), ...this.#reader.headed()]) {
			if (wanted(stream) && !known.has(stream)) {
				throw new BadRecord(
					{ stream, seq: 1 },
					`The whole session ${stream} is missing: it was opened, and has no event.`,
				);
			}
		}
		const found = { streams: this.#streams, contents: this.#contents, events: this.#joined };
		if (only === undefined) await this.#reader.checkEvents(found);
		for (const recording of this.#recordings) await this.#recording(recording);
		if (only === undefined) this.#unknownRecordings();
		for (const digest of only === undefined
			? union(this.#attachments, this.#reader.attachments())
			: this.#attachments) {
			await this.#attachment(digest);
		}
		if (only === undefined) await this.#reader.finish(found);
	}

	report(bad: BadRecord | null): VerifyReport {
		return {
			ok: bad === null,
			checked: { ...this.#checked },
			firstBad: bad?.place ?? null,
			reason: bad?.message ?? null,
			cannotTell: [...cannotTell(this.#caveats), ...this.#untold],
		};
	}

	async #stream(stream: string): Promise<void> {
		const session = stream === serverStream ? null : newSession(stream);
		let closed = 0;
		let at = "";
		const head = await verifyStream(
			stream,
			this.#reader.events(stream),
			this.#reader.head(stream),
			this.#crypto,
			(event, hash, bytes) => {
				this.#checked.events += 1;
				this.#checked.bytes += bytes;
				if (event.actor.assurance === "self-declared") this.#caveats.selfDeclared = true;
				if (event.at < at) this.#caveats.clockSetBack += 1;
				at = event.at;
				this.#eventContents(event);
				if (session === null) return this.#serverEvent(event);
				if (event.type === "session.closed") closed = event.seq;
				for (const noted of this.#heads.get(stream) ?? []) {
					if (noted.seq === event.seq) this.#agrees(noted, event, hash);
				}
				this.#follows(session, event);
				this.#sessionEvent(event);
				if (this.#reader.scope === "session") this.#joined.push(this.#join(event, hash));
			},
		);
		this.#streams.set(stream, head);
		if (session === null) return;
		for (const noted of this.#heads.get(stream) ?? []) {
			if (noted.seq > head.seq) {
				throw new BadRecord(
					{ stream, seq: head.seq + 1 },
					`Event ${head.seq + 1} is missing: the server's stream knows ${noted.seq} events of this session.`,
				);
			}
		}
		if (this.#reader.scope === "session") this.#headsOf(stream, closed);
		if (!this.#opened.has(stream)) this.#caveats.unheaded.push(stream);
		if (closed === 0) this.#caveats.openSessions += 1;
	}

	/** A chain that fits tells no history by itself: each event must be one that the session core could have made there. */
	#follows(session: SessionState, event: Envelope): void {
		// Of the texts the outline alone decides what may come.
		const data = event.type === "session.opened" ? this.#join(event, "").data : event.data;
		const impossible = whyImpossible(session, { ...event, data });
		if (impossible !== null) {
			throw new BadRecord(
				{ stream: event.stream, seq: event.seq },
				`Event ${event.seq} can't have been written here: ${impossible}.`,
			);
		}
		evolveInPlace(session, { ...event, data });
	}

	/** The server's own events in an export stand out of their stream: each is read strictly, and must speak of this session. */
	async #excerpt(known: ReadonlySet<string>): Promise<void> {
		const place = { file: exportFiles.serverHeads };
		let last: { event: Envelope; hash: string } | null = null;
		for await (const bytes of this.#reader.serverHeads()) {
			const read = readEvent(bytes, this.#crypto);
			if (!read.ok) throw new BadRecord(place, `A line can't be read: ${read.reason}.`);
			const parsed = serverEventSchema.safeParse({ type: read.event.type, data: read.event.data });
			if (
				read.event.stream !== serverStream ||
				!parsed.success ||
				parsed.data.type !== "session.head" ||
				!known.has(parsed.data.data.session)
			) {
				throw new BadRecord(place, "A line is not the head of this session.");
			}
			const { event } = read;
			const wrong = wrongInExcerpt(last, event);
			if (wrong !== null) throw new BadRecord(place, `A line was altered or added: ${wrong}.`);
			this.#serverEvent(event);
			last = { event, hash: eventHash(bytes, this.#crypto.sha256) };
		}
		this.#untold.push(
			`Whether the server's own lines on this session (${exportFiles.serverHeads}) have the times, origins and places in its stream that they had: an export holds them out of their chain. Verify the data folder for that.`,
		);
	}

	#serverEvent(event: Envelope): void {
		const parsed = serverEventSchema.safeParse({ type: event.type, data: event.data });
		if (!parsed.success || parsed.data.type !== "session.head") return;
		const { session, at, seq, hash } = parsed.data.data;
		const noted = this.#heads.get(session) ?? [];
		if (noted.some((head) => head.at === at)) {
			const place =
				this.#reader.scope === "session" ? { file: exportFiles.serverHeads } : { stream: event.stream, seq: event.seq };
			throw new BadRecord(place, `The head on how ${session} was ${at} stands there twice.`);
		}
		this.#heads.set(session, [...noted, { seq, hash, at, by: event }]);
		if (at === "opened") this.#opened.add(session);
	}

	/** What the server's stream says of an event of a session must be so. */
	#agrees(noted: SessionHead, event: Envelope, hash: string): void {
		const { stream, seq } = event;
		if (noted.hash !== hash) {
			throw new BadRecord({ stream, seq }, `Event ${seq} was altered: the server's stream holds another hash of it.`);
		}
		const place =
			this.#reader.scope === "session"
				? { file: exportFiles.serverHeads }
				: { stream: noted.by.stream, seq: noted.by.seq };
		if (event.type !== `session.${noted.at}`) {
			throw new BadRecord(place, `The head on how ${stream} was ${noted.at} is of another event.`);
		}
		if (isBefore(noted.by, event)) {
			throw new BadRecord(place, `The head on how ${stream} was ${noted.at} is older than what it tells of.`);
		}
	}

	#sessionEvent(event: Envelope): void {
		const parsed = sessionEventSchema.safeParse({ type: event.type, data: event.data });
		if (!parsed.success) return;
		const { type, data } = parsed.data;
		if (type === "run.started") this.#openFiles.add(recordingName(event.stream, data.run));
		if (type === "run.finished") {
			this.#openFiles.delete(recordingName(event.stream, data.run));
			if (data.recording) {
				this.#recordings.push(data.recording);
				this.#vouchedFiles.add(data.recording.file);
			} else this.#unsealedFiles.add(recordingName(event.stream, data.run));
		}
		if (type === "note.added" || type === "run.answered") {
			for (const { sha256 } of data.attachments) this.#attachments.add(sha256);
		}
	}

	/** An export is written when the server's stream has its heads: without one of them it was taken away. */
	#headsOf(stream: string, closed: number): void {
		const place = { file: exportFiles.serverHeads };
		if (!this.#opened.has(stream)) {
			throw new BadRecord(place, "The server's own head on the opening of the session is missing.");
		}
		if (closed > 0 && !this.#heads.get(stream)?.some(({ seq }) => seq === closed)) {
			throw new BadRecord(place, "The server's own head on the closing of the session is missing.");
		}
	}

	#join(event: Envelope, hash: string): JoinedEvent {
		const data = joinContents(event.data, (ref) => {
			const found = this.#reader.content(ref);
			return typeof found === "string" ? null : this.#crypto.decode(found.content);
		});
		return { ...event, data, hash, position: event.seq };
	}

	#eventContents(event: Envelope): void {
		for (const { ref, bytes } of contentReferences(event.data)) {
			this.#contents.add(ref);
			const found = this.#reader.content(ref);
			const bad = (reason: string) => new BadRecord({ stream: event.stream, seq: event.seq }, reason);
			// The mark alone proves nothing: whoever takes a text away can set it. No event records an erasing yet.
			if (found === "erased") {
				throw bad(`A text of event ${event.seq} is missing: it is marked as erased, and no event says who erased it.`);
			}
			if (found === "missing") throw bad(`A text of event ${event.seq} is missing.`);
			this.#checked.bytes += found.content.length;
			if (found.content.length !== bytes || toHex(hmacSha256(found.salt, found.content, this.#crypto.sha256)) !== ref) {
				throw bad(`A text of event ${event.seq} was altered: it is not what the event refers to.`);
			}
		}
	}

	async #recording({ file, sha256, bytes }: Vouched): Promise<void> {
		const content = this.#reader.recording(file);
		if (content === null) throw new BadRecord({ recording: file }, `The recording ${file} is missing.`);
		const found = await this.#digest(content);
		if (found.bytes !== bytes || found.sha256 !== sha256) {
			throw new BadRecord(
				{ recording: file },
				`The recording ${file} was altered: it has ${found.bytes} bytes of ${bytes}${found.bytes === bytes ? ", but others" : ""}.`,
			);
		}
		this.#checked.recordings += 1;
	}

	/**
	 * A recording that no run vouches for is there while a run is under way or was cut off, or could not be sealed as it
	 * ended. Of a run that never began, or that nobody knows, it was added.
	 */
	#unknownRecordings(): void {
		const unsealed: string[] = [];
		for (const file of this.#reader.recordings()) {
			if (this.#vouchedFiles.has(file)) continue;
			if (this.#openFiles.has(file)) this.#caveats.unvouched += 1;
			else if (this.#unsealedFiles.has(file)) unsealed.push(file);
			else {
				throw new BadRecord({ recording: file }, `The recording ${file} was added: no event knows that its run began.`);
			}
		}
		if (unsealed.length > 0) {
			const named = unsealed.slice(0, 5).join(", ");
			const more = unsealed.length > 5 ? ` and ${unsealed.length - 5} more` : "";
			this.#untold.push(
				`Whether recordings are whole that could not be finished as their run ended: its end vouches for none of ${named}${more}.`,
			);
		}
	}

	async #attachment(sha256: string): Promise<void> {
		const file = `attachments/${sha256}`;
		const content = this.#reader.attachment(sha256);
		if (content === null) throw new BadRecord({ file }, `The attachment ${sha256} is missing.`);
		if ((await this.#digest(content)).sha256 !== sha256) {
			throw new BadRecord({ file }, `The attachment ${sha256} was altered: its name is not its digest.`);
		}
	}

	async #digest(content: AsyncIterable<Uint8Array>): Promise<{ sha256: string; bytes: number }> {
		const hasher = this.#crypto.hasher();
		let bytes = 0;
		for await (const piece of content) {
			hasher.update(piece);
			bytes += piece.length;
		}
		this.#checked.bytes += bytes;
		return { sha256: toHex(hasher.digest()), bytes };
	}
}

/** What can be seen of the server's own events that stand out of their stream: their order, their writer, a link where two touch. */
function wrongInExcerpt(last: { event: Envelope; hash: string } | null, event: Envelope): string | null {
	if (!isServer(event.actor)) return "it is not the server's own";
	if (last === null) return null;
	if (event.seq <= last.event.seq) return "it stands there twice, or out of its order";
	if (event.seq === last.event.seq + 1 && event.prev !== last.hash) return "the link to the line before does not fit";
	return isBefore(event, last.event) ? "it is earlier than the line before by the server's monotonic clock" : null;
}

function isServer({ id, issuer, roles, signIn, assurance }: Actor): boolean {
	const own = systemActor;
	const same = id === own.id && issuer === own.issuer && signIn === own.signIn && assurance === own.assurance;
	return same && roles.length === own.roles.length;
}

/** By the one writer's own count and clock, which no setting of the time changes. */
function isBefore(one: Pick<Envelope, "epoch" | "mono">, other: Pick<Envelope, "epoch" | "mono">): boolean {
	return one.epoch < other.epoch || (one.epoch === other.epoch && BigInt(one.mono) < BigInt(other.mono));
}

function recordingName(session: string, run: string): string {
	return `recordings/${session}.${run}.cast`;
}

function union(first: Iterable<string>, second: Iterable<string>): Set<string> {
	return new Set([...first, ...second]);
}

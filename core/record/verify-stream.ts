import { type Envelope, noPrevious } from "../session-event.ts";
import { BadRecord } from "./bad-record.ts";
import { eventHash } from "./event-hash.ts";
import { readEvent } from "./read-event.ts";
import type { RecordCrypto } from "./record-crypto.ts";
import type { FoundEvent, NotedHead } from "./record-reader.ts";

/** Where a link of the chain does not fit: either the event before it was altered, or the one that holds the link. */
interface BrokenLink {
	before: number;
	after: number;
	hashAfter: string;
}

/**
 * Verifies one stream: each event strictly read, in its stream, numbered from 1 without a gap, linked to the one before
 * by its hash, its epoch and the monotonic clock within an epoch never falling; at the end the noted head, if there is one.
 * `see` is called for each event that fits so far. Throws BadRecord at the first that does not.
 */
export async function verifyStream(
	stream: string,
	events: Iterable<FoundEvent> | AsyncIterable<FoundEvent>,
	noted: NotedHead | null,
	crypto: RecordCrypto,
	see: (event: Envelope, hash: string, bytes: number) => void,
): Promise<NotedHead> {
	let head: NotedHead = { seq: 0, hash: noPrevious };
	let last: Envelope | null = null;
	let broken: BrokenLink | null = null;
	for await (const found of events) {
		const expected = head.seq + 1;
		const bad = (reason: string) => new BadRecord({ stream, seq: expected }, reason);
		const read = readEvent(found.bytes, crypto);
		if (broken) throw blame(stream, broken, read.ok && read.event.prev === broken.hashAfter);
		if (!read.ok) throw bad(`Event ${expected} can't be read: ${read.reason}.`);
		const event = read.event;
		if (event.stream !== stream) throw bad(`Event ${expected} belongs to another stream, ${event.stream}.`);
		if (event.seq !== expected || found.seq !== expected) {
			throw bad(`Event ${expected} is missing: event ${event.seq} stands in its place.`);
		}
		const hash = eventHash(found.bytes, crypto.sha256);
		if (found.noted !== undefined && found.noted !== hash) {
			throw bad(`Event ${expected} was altered: its hash is not the one that was noted when it was written.`);
		}
		if (event.prev !== head.hash) {
			if (expected === 1) throw bad("The first event was altered: it must have none before it.");
			broken = { before: head.seq, after: expected, hashAfter: hash };
		} else {
			if (last && event.epoch < last.epoch)
				throw bad(`Event ${expected} is of an earlier start than the one before it.`);
			if (last && event.epoch === last.epoch && BigInt(event.mono) < BigInt(last.mono)) {
				throw bad(`Event ${expected} is earlier by the monotonic clock than the one before it.`);
			}
			see(event, hash, found.bytes.length);
		}
		head = { seq: expected, hash };
		last = event;
	}
	if (broken) throw blame(stream, broken, noted === null || (noted.seq === head.seq && noted.hash === head.hash));
	if (noted) checkHead(stream, head, noted);
	return head;
}

/** Who is to blame for a link that does not fit: what comes after the pair vouches for its second event, or does not. */
function blame(stream: string, broken: BrokenLink, secondIsVouchedFor: boolean): BadRecord {
	const seq = secondIsVouchedFor ? broken.before : broken.after;
	return new BadRecord(
		{ stream, seq },
		`Event ${seq} was altered: the link between events ${broken.before} and ${broken.after} does not fit.`,
	);
}

function checkHead(stream: string, head: NotedHead, noted: NotedHead): void {
	if (head.seq < noted.seq) {
		throw new BadRecord(
			{ stream, seq: head.seq + 1 },
			`Event ${head.seq + 1} is missing: the stream had ${noted.seq} events.`,
		);
	}
	if (head.seq > noted.seq) {
		throw new BadRecord(
			{ stream, seq: noted.seq + 1 },
			`Event ${noted.seq + 1} was added: the stream had ${noted.seq} events.`,
		);
	}
	if (head.hash !== noted.hash) {
		throw new BadRecord({ stream, seq: head.seq }, `Event ${head.seq} was altered: it is not the head that was noted.`);
	}
}

import type { JsonValue } from "../../core/json.ts";
import { ProblemError } from "../../core/problem.ts";
import { canonicalJson } from "../../core/record/canonical-json.ts";
import { eventHash } from "../../core/record/event-hash.ts";
import {
	type Envelope,
	maxEventBytes,
	serverEventDraftSchema,
	serverStream,
	sessionEventDraftSchema,
} from "../../core/session-event.ts";
import type { EventToAppend, StoredEvent } from "./event-store.ts";
import { nodeRecordCrypto } from "./node-record-crypto.ts";
import { type SealedData, sealContents } from "./seal-contents.ts";

/** An event whose texts have been taken out, before it has its place. */
export interface PreparedEvent extends Pick<EventToAppend, "actor" | "origin"> {
	type: string;
	sealed: SealedData;
}

/** An event as the bytes that are hashed and kept. */
export interface BuiltEvent {
	stored: StoredEvent;
	envelope: Envelope;
	sealed: SealedData;
}

/** Where a stream ends. */
export interface StreamEnd {
	seq: number;
	hash: string;
}

interface AppendToBuild {
	stream: string;
	expectedSeq: number;
	events: readonly PreparedEvent[];
}

/** What the writer adds: which start of the server, the clocks, and the position before the first. */
export interface EventStamp {
	epoch: number;
	/** Milliseconds since 1970. */
	now: () => number;
	/** Nanoseconds of a clock that never goes back. */
	mono: () => bigint;
	position: number;
}

/** Checks a draft and takes its texts out. Throws a ZodError when it is not of its type. */
export function prepareEvent(
	stream: string,
	{ actor, origin, draft }: EventToAppend,
	random: (bytes: number) => Uint8Array,
): PreparedEvent {
	const schema = stream === serverStream ? serverEventDraftSchema : sessionEventDraftSchema;
	const { type, data } = schema.parse(draft);
	return { actor, origin, type, sealed: sealContents(data as JsonValue, random) };
}

/** The events of one append as bytes, or why it is refused; a refusal touches no other append of the batch. */
export function buildEvents(append: AppendToBuild, head: StreamEnd, stamp: EventStamp): BuiltEvent[] | Error {
	if (head.seq !== append.expectedSeq) {
		return new ProblemError(
			"record-conflict",
			`The stream ${append.stream} has ${head.seq} events, not ${append.expectedSeq}.`,
		);
	}
	let { seq, hash: prev } = head;
	const built: BuiltEvent[] = [];
	for (const { actor, origin, type, sealed } of append.events) {
		seq += 1;
		const envelope: Envelope = {
			v: 1,
			stream: append.stream,
			seq,
			epoch: stamp.epoch,
			prev,
			at: new Date(stamp.now()).toISOString(),
			mono: String(stamp.mono()),
			// Field by field: an identity handed in as an actor carries a name, which is not for the event.
			actor: {
				id: actor.id,
				issuer: actor.issuer,
				roles: actor.roles,
				signIn: actor.signIn,
				assurance: actor.assurance,
			},
			origin: { address: origin.address, userAgent: origin.userAgent },
			type,
			data: sealed.data,
		};
		let bytes: Buffer;
		try {
			bytes = Buffer.from(canonicalJson(envelope as unknown as JsonValue));
		} catch (error) {
			return error instanceof Error ? error : new Error(String(error));
		}
		if (bytes.length > maxEventBytes) {
			return new ProblemError("event-too-large", `A ${type} event would have ${bytes.length} bytes.`);
		}
		const hash = eventHash(bytes, nodeRecordCrypto.sha256);
		const stored = { position: stamp.position + built.length + 1, stream: append.stream, seq, bytes, hash };
		built.push({ stored, envelope, sealed });
		prev = hash;
	}
	return built;
}

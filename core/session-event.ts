import { z } from "zod";
import type { JsonValue } from "./json.ts";
import { environments } from "./target.ts";

/**
 * Text that came from a person, a runbook or a cluster stands beside the event, so that it can be erased later.
 * Stored: `{ref, bytes}`, with `ref = HMAC-SHA256(salt, content)` in hex; a reader that has the content store joins `content`.
 */
export const contentSchema = z.object({
	ref: z.string(),
	bytes: z.number().int().nonnegative(),
	content: z.string().optional(),
});
export type Content = z.infer<typeof contentSchema>;

/** Before it is stored: the text alone, or a reference to content that is stored already. */
export const contentDraftSchema = z.union([z.object({ content: z.string() }).strict(), contentSchema]);
export type ContentDraft = z.infer<typeof contentDraftSchema>;

/** A value as content: its JSON. */
export function jsonContent(value: JsonValue): ContentDraft {
	return { content: JSON.stringify(value) };
}

const id = z.string().min(1).max(128);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
const environment = z.enum(environments);
const risk = z.enum(["read", "change", "destructive", "unknown"]);

export const sessionKindSchema = z.enum(["incident", "change", "drill", "rehearsal"]);
export type SessionKind = z.infer<typeof sessionKindSchema>;

export const runOutcomeSchema = z.enum(["succeeded", "failed", "cancelled", "lost", "skipped"]);
/** `skipped`: the step's `when` did not hold, so nothing was sent. */
export type RunOutcome = z.infer<typeof runOutcomeSchema>;

/** `partial`: what was asked for was done, and it was only a part of the runbook. */
export const closeOutcomeSchema = z.enum(["resolved", "mitigated", "partial", "failed", "abandoned"]);
export type CloseOutcome = z.infer<typeof closeOutcomeSchema>;

const recording = z.object({
	file: z.string(),
	sha256,
	bytes: count,
	outputBytes: count,
	truncated: z.boolean(),
	durationMs: z.number().nonnegative(),
});

const attachment = z.object({ sha256, mediaType: z.string(), bytes: count });
export type Attachment = z.infer<typeof attachment>;

function sessionEventData<C extends z.ZodType>(content: C) {
	return [
		z.object({
			type: z.literal("session.opened"),
			data: z.object({
				session: id,
				kind: sessionKindSchema,
				ticket: content.optional(),
				runbook: z.object({ path: z.string(), digest: sha256 }),
				title: content,
				/** The Markdown as it was. */
				source: content,
				/** JSON: [{name, type, group?}] in document order. */
				outline: content,
			}),
		}),
		z.object({
			type: z.literal("session.closed"),
			data: z.object({ outcome: closeOutcomeSchema, summary: content }),
		}),
		z.object({ type: z.literal("session.recovered"), data: z.object({ epoch: count, openRuns: count }) }),
		/** The digest of the runbook's file now, also when it is the opened one again; null: the file is gone. */
		z.object({ type: z.literal("runbook.changed"), data: z.object({ digest: sha256.nullable() }) }),
		z.object({ type: z.literal("participant.joined"), data: z.object({ participant: id, name: content }) }),
		z.object({ type: z.literal("participant.left"), data: z.object({ participant: id }) }),
		z.object({
			type: z.literal("baton.passed"),
			data: z.object({ from: id.nullable(), to: id, taken: z.boolean() }),
		}),
		z.object({
			type: z.literal("value.set"),
			data: z.object({
				name: z.string().max(128),
				/** JSON of the value; absent for a secret, which stays in memory only. */
				value: content.optional(),
				secret: z.boolean(),
				source: z.enum(["parameter", "person", "capture"]),
				run: id.optional(),
			}),
		}),
		z.object({
			type: z.literal("step.edited"),
			data: z.object({ step: id, body: content, diff: content, reason: content.optional() }),
		}),
		z.object({ type: z.literal("step.skipped"), data: z.object({ step: id, reason: content }) }),
		z.object({
			type: z.literal("step.added"),
			data: z.object({
				step: id,
				type: z.string(),
				/** The step that it follows; null: before the first. */
				after: id.nullable(),
				body: content,
				/** JSON of the attributes, e.g. the target. */
				attributes: content,
				reason: content.optional(),
			}),
		}),
		z.object({
			type: z.literal("run.requested"),
			data: z.object({
				unit: z.object({ name: id, group: z.boolean() }),
				runs: z.array(z.object({ run: id, step: id, attempt: z.number().int().positive() })).min(1),
				planDigest: sha256,
				/** JSON of the Plan. */
				plan: content,
				risk,
				environment,
				/** How it was confirmed: not needed, a deliberate key, the target's name typed, or the command line's --yes. */
				confirmation: z.enum(["none", "key", "typed", "flag"]),
				/** Only these lines of the step were asked for. */
				selection: content.optional(),
				/** Asked for only to be passed over: nothing is sent, and it is not begun when it is needed by then. */
				passOver: z.literal(true).optional(),
				approvalNeeded: z.boolean(),
			}),
		}),
		z.object({ type: z.literal("run.approved"), data: z.object({ run: id, planDigest: sha256 }) }),
		z.object({
			type: z.literal("run.rejected"),
			data: z.object({ run: id, code: z.string(), reason: content }),
		}),
		z.object({
			type: z.literal("run.started"),
			data: z.object({
				run: id,
				step: id,
				planDigest: sha256,
				plan: content,
				approval: z.object({ by: id, planDigest: sha256 }).nullable(),
				/** JSON of the topologies that the run touches. */
				topologyBefore: content.optional(),
			}),
		}),
		z.object({
			type: z.literal("run.input"),
			data: z.object({ run: id, bytes: count }),
		}),
		z.object({
			type: z.literal("run.answered"),
			data: z.object({ run: id, answers: content, attachments: z.array(attachment) }),
		}),
		z.object({ type: z.literal("run.cancel-requested"), data: z.object({ run: id, reason: content.optional() }) }),
		z.object({
			type: z.literal("run.finished"),
			data: z.object({
				run: id,
				step: id,
				outcome: runOutcomeSchema,
				exitCode: z.number().int().nullable(),
				/** Whether an `expect` was there to check: without one nothing is called passing. */
				checked: z.boolean(),
				/** JSON: the code and sentence of what went wrong. */
				problem: content.optional(),
				/** JSON of the typed result. */
				result: content.optional(),
				/** JSON: {name: value} of what was captured. */
				captured: content.optional(),
				/** JSON: [{that, held, otherwise?, got?}]. */
				checks: content.optional(),
				/** JSON: [{index, node, text, state: done|not-sent|may-have-happened, sentMs?, repliedMs?}]. */
				commands: content.optional(),
				recording: recording.nullable(),
				topologyAfter: content.optional(),
			}),
		}),
		z.object({
			type: z.literal("note.added"),
			data: z.object({
				note: id,
				text: content,
				attachments: z.array(attachment),
				step: id.optional(),
				run: id.optional(),
			}),
		}),
	] as const;
}

export const sessionEventSchema = z.discriminatedUnion("type", sessionEventData(contentSchema));
export const sessionEventDraftSchema = z.discriminatedUnion("type", sessionEventData(contentDraftSchema));

/** A session event as it is stored: text by reference. */
export type SessionEvent = z.infer<typeof sessionEventSchema>;
/** A session event as `decide` gives it: text in place, to be sealed by the store. */
export type SessionEventDraft = z.infer<typeof sessionEventDraftSchema>;

/** The server's own stream: sign-ins, refusals, reads, heads of sessions. */
const serverEventData = <C extends z.ZodType>(content: C) =>
	[
		z.object({
			type: z.literal("server.started"),
			data: z.object({ version: z.string(), epoch: count, recovered: count }),
		}),
		z.object({ type: z.literal("server.stopped"), data: z.object({ reason: z.string() }) }),
		z.object({
			type: z.literal("access.signed-in"),
			data: z.object({ person: id, name: content, signIn: id }),
		}),
		z.object({ type: z.literal("access.signed-out"), data: z.object({ person: id, signIn: id }) }),
		z.object({
			type: z.literal("access.refused"),
			data: z.object({ code: z.string(), door: z.string(), detail: content, times: count }),
		}),
		z.object({
			type: z.literal("access.read"),
			data: z.object({
				session: id.optional(),
				what: z.enum(["record", "recording", "search", "export", "attachment"]),
				detail: content.optional(),
			}),
		}),
		/** The opening and closing head of a session, so that a missing session is found. */
		z.object({
			type: z.literal("session.head"),
			data: z.object({ session: id, at: z.enum(["opened", "closed"]), seq: count, hash: sha256 }),
		}),
		z.object({
			type: z.literal("lab.changed"),
			data: z.object({ lab: id, change: z.string(), detail: content }),
		}),
	] as const;

export const serverEventSchema = z.discriminatedUnion("type", serverEventData(contentSchema));
export const serverEventDraftSchema = z.discriminatedUnion("type", serverEventData(contentDraftSchema));
export type ServerEventDraft = z.infer<typeof serverEventDraftSchema>;

/** The name of the server's own stream. */
export const serverStream = "server";

export const actorSchema = z.object({
	id,
	issuer: z.string(),
	roles: z.array(z.enum(["responder"])),
	signIn: z.string(),
	assurance: z.enum(["self-declared", "verified"]),
});

export const originSchema = z.object({ address: z.string(), userAgent: z.string() });
export type Origin = z.infer<typeof originSchema>;

/**
 * The envelope. An event is its bytes: the canonical JSON (RFC 8785) of this, at most 60,000.
 * `prev` is the hash (hex) of the event before it in the stream, 64 zeros for the first; the hash is SHA256(0x00 || bytes).
 */
export const envelopeSchema = z.object({
	v: z.literal(1),
	stream: id,
	/** From 1, without a gap. */
	seq: z.number().int().positive(),
	/** Which start of the server wrote it. */
	epoch: count,
	prev: sha256,
	/** UTC, ISO 8601, milliseconds. */
	at: z.string(),
	/** The writer's monotonic clock in nanoseconds, as a string. */
	mono: z.string(),
	actor: actorSchema,
	origin: originSchema,
	type: z.string(),
	data: z.record(z.string(), z.json()),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** An envelope whose contents are joined: what readers, pages and `--json` see. `position` is global and outside the hash. */
export interface JoinedEvent extends Envelope {
	hash: string;
	position: number;
}

/** The largest event, in bytes. */
export const maxEventBytes = 60_000;

/** `prev` of a stream's first event. */
export const noPrevious = "0".repeat(64);

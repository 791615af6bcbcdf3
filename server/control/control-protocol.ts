import { z } from "zod";
import type { Plan } from "../../core/plan.ts";
import type { Problem } from "../../core/problem.ts";
import type { RecordHealth } from "../../core/protocol.ts";
import { type JoinedEvent, sessionKindSchema } from "../../core/session-event.ts";
import { textSchema } from "../../core/text-schema.ts";

/*
 * The Unix socket of a data folder: one connection an operation, JSON one object a line. The command line sends one request,
 * then answers to what it is asked, or cancels; closing the connection cancels too. The file's mode (0600) says who may come.
 */

const name = textSchema(128).min(1);
const path = textSchema(4_096).min(1);

/** Who stands at the other end: a login name of this machine. Self-declared, like every name here. */
const person = z.object({ name: textSchema(80).min(1), userAgent: textSchema(300) });

export const controlRequests = {
	"sign-in": z.strictObject({}),
	sessions: z.strictObject({}),
	export: z.strictObject({ session: name, out: path }),
	run: z.strictObject({
		file: path,
		kind: sessionKindSchema.optional(),
		ticket: textSchema(200).optional(),
		values: z.record(textSchema(128), textSchema(1_000_000)),
		only: z.array(name).max(10_000),
		yes: z.boolean(),
		confirm: z.array(name).max(100),
		/** Somebody is there to be asked. */
		canAsk: z.boolean(),
	}),
	"lab.kinds": z.strictObject({}),
	"lab.list": z.strictObject({}),
	"lab.up": z.strictObject({ kind: name, name, options: z.record(z.string().max(64), z.json()).optional() }),
	"lab.down": z.strictObject({ name }),
	"lab.reset": z.strictObject({ name }),
	"lab.fault": z.strictObject({
		name,
		fault: z.enum(["kill", "stop", "freeze"]),
		node: name,
		seconds: z.number().int().min(1).max(3_600).optional(),
	}),
	"lab.heal": z.strictObject({ name, node: name.optional() }),
	"lab.logs": z.strictObject({ name, node: name, lines: z.number().int().min(1).max(2_000) }),
} as const satisfies Record<string, z.ZodType>;

export type ControlOperation = keyof typeof controlRequests;
export type ControlArguments<O extends ControlOperation> = z.infer<(typeof controlRequests)[O]>;

/** The first line. */
export const controlRequestLine = z.object({ op: z.string().max(40), person, args: z.unknown() });
/** Every further line: the answer to the question of this number, or the wish to cancel. */
export const controlAnswerLine = z.union([
	z.object({ answer: z.number().int(), yes: z.boolean(), typed: textSchema(300).optional() }),
	/** `because`: what ended the command line, when it was no person. */
	z.object({ cancel: z.literal(true), because: textSchema(300).optional() }),
]);

/** What the server says, one a line; `done` or `problem` is the last. */
export type ControlMessage =
	| { event: JoinedEvent }
	/** Base64. */
	| { output: string; run: string }
	| { health: RecordHealth }
	| { ask: number; plan: Plan; confirmation: "key" | "typed"; title: string }
	| { done: unknown }
	| { problem: Problem };

/** The longest line either way, in characters: a session's opening event holds a whole runbook. */
export const maxControlLine = 64 * 2 ** 20;

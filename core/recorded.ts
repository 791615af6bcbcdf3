import { z } from "zod";
import type { JsonObject, JsonValue } from "./json.ts";
import type { Plan } from "./plan.ts";

/*
 * What stands as JSON beside the events of a run, read back without trust: a record may come from anywhere, and a text with
 * the right hash can hold any JSON. What is not of the form in which it is written is as good as erased.
 */

/** A content as it is joined; without its text when that was erased. */
interface Recorded {
	content?: string | undefined;
}

/** What `run.finished` tells of one command; see the command journal of a run. */
export interface RecordedCommand {
	phase: "recheck" | "main" | "finally";
	node: string;
	text: string;
	state: "done" | "failed" | "not-sent" | "may-have-happened";
	times?: number | undefined;
	error?: string | undefined;
}

/** What `run.finished` tells of one check. */
export interface RecordedCheck {
	that: string;
	held: boolean;
	otherwise?: string | undefined;
	said?: string | undefined;
	why?: string | undefined;
	got?: JsonValue | undefined;
}

const word = z.string().default("");
const words = z.array(z.string()).default([]);

const commandSchema = z.looseObject({
	node: z.looseObject({ cluster: z.string(), name: z.string(), address: z.string(), role: word }),
	reference: word,
	text: z.string(),
	argv: z.array(z.string()).optional(),
	placeholders: z
		.array(
			z.looseObject({
				name: z.string(),
				from: word,
				expression: word,
				at: z.array(z.looseObject({ argument: z.number(), offset: z.number() })).optional(),
				memberOf: z.string().optional(),
			}),
		)
		.optional(),
});

const stepSchema = z.looseObject({
	step: z.string(),
	type: z.string(),
	commands: z.array(commandSchema).default([]),
	finally: z.array(z.looseObject({ when: z.string().optional(), command: commandSchema })).default([]),
	cwd: z.string().nullable().default(null),
	interpreter: z.string().nullable().default(null),
	variables: z.array(z.looseObject({ name: z.string(), hmac: word })).default([]),
	secrets: words,
	when: z.string().optional(),
	whenOtherwise: z.string().optional(),
	until: z
		.looseObject({
			expression: z.string(),
			everyMs: z.number(),
			timeoutMs: z.number(),
			otherwise: z.string().optional(),
		})
		.optional(),
	expect: z.array(z.looseObject({ that: z.string(), otherwise: z.string().optional() })).default([]),
	capture: z.array(z.looseObject({ name: z.string(), expression: word })).default([]),
	watches: z.looseObject({ cluster: z.string() }).optional(),
	recheck: words,
});

const planSchema = z.looseObject({
	rechecks: z.array(stepSchema).default([]),
	steps: z.array(stepSchema),
});

const commandsSchema = z.array(
	z.looseObject({
		phase: z.enum(["recheck", "main", "finally"]).default("main"),
		node: z.string(),
		text: z.string(),
		state: z.enum(["done", "failed", "not-sent", "may-have-happened"]),
		times: z.number().optional(),
		error: z.string().optional(),
	}),
);

const checksSchema = z.array(
	z.looseObject({
		that: z.string(),
		held: z.boolean(),
		otherwise: z.string().optional(),
		said: z.string().optional(),
		why: z.string().optional(),
	}),
);

const plans = new WeakMap<Recorded, Plan | null>();

/** The plan that a content holds; null when it is absent, erased or none. Kept by its content, which never changes. */
export function recordedPlan(content: Recorded | undefined): Plan | null {
	if (content === undefined) return null;
	const known = plans.get(content);
	if (known !== undefined) return known;
	const read = planSchema.safeParse(recordedJson(content));
	// Its risks, environments and digests are told by the events themselves.
	const plan = read.success ? (read.data as unknown as Plan) : null;
	plans.set(content, plan);
	return plan;
}

/** What was sent, as the end of a run tells it; null when that is absent, erased or none. */
export function recordedCommands(content: Recorded | undefined): RecordedCommand[] | null {
	const read = commandsSchema.safeParse(recordedJson(content));
	return read.success ? read.data : null;
}

/** The checks of a run; null when they are absent, erased or none. */
export function recordedChecks(content: Recorded | undefined): RecordedCheck[] | null {
	const read = checksSchema.safeParse(recordedJson(content));
	return read.success ? (read.data as RecordedCheck[]) : null;
}

/** The object that a content holds, of any fields; null when it is absent, erased or none. */
export function recordedObject(content: Recorded | undefined): JsonObject | null {
	const value = recordedJson(content);
	return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
}

function recordedJson(content: Recorded | undefined): JsonValue | undefined {
	if (content?.content === undefined) return undefined;
	try {
		return JSON.parse(content.content) as JsonValue;
	} catch {
		return undefined;
	}
}

import { z } from "zod";
import type { JsonObject } from "../core/json.ts";
import type { LabEvent, LabStatus, ProbeResult } from "../core/lab.ts";
import type { Problem } from "../core/problem.ts";

const node = z.string().min(1).max(200);
const kind = z.enum(["client", "oracle"]);

/** A fault lasts this long unless told, and never longer than the most. Seconds. */
export const faultSeconds = { usual: 120, most: 3_600 };
const seconds = z.number().positive().max(faultSeconds.most);

export const faultKinds = ["kill", "stop", "freeze"] as const;
export type FaultKind = (typeof faultKinds)[number];

/**
 * What a lab's supervisor is asked, one JSON object a line over its Unix socket: `{id, op, args}`, answered by
 * `{id, reply}` or `{id, problem}`; after `follow` also `{push}`.
 */
export const labRequests = {
	/** Answers when the start has ended, well or not. */
	ready: z.strictObject({}),
	status: z.strictObject({}),
	logs: z.strictObject({ node, lines: z.number().int().min(1).max(2_000) }),
	/** `tied`: heals as well when this connection ends. */
	fault: z.strictObject({ kind: z.enum(faultKinds), node, seconds: seconds.optional(), tied: z.boolean().optional() }),
	/** `seconds` from now on. */
	extend: z.strictObject({ node, seconds }),
	/** Without a node: all. */
	heal: z.strictObject({ node: node.optional() }),
	reset: z.strictObject({}),
	"probe.start": z.strictObject({
		kind,
		perSecond: z.number().int().min(1).max(5_000).optional(),
		followsSentinel: z.boolean().optional(),
	}),
	"probe.check": z.strictObject({ kind }),
	"probe.stop": z.strictObject({ kind }),
	follow: z.strictObject({}),
	down: z.strictObject({}),
} satisfies Record<string, z.ZodType>;

export type LabOperation = keyof typeof labRequests;
export type LabArguments<Op extends LabOperation> = z.input<(typeof labRequests)[Op]>;

export interface LabReplies {
	ready: { status: LabStatus; target: JsonObject };
	status: LabStatus;
	logs: { lines: string[] };
	fault: { node: string; healsAt: string };
	extend: { node: string; healsAt: string };
	heal: { healed: string[] };
	reset: { status: LabStatus; tookMs: number };
	"probe.start": ProbeResult;
	"probe.check": ProbeResult;
	"probe.stop": ProbeResult;
	follow: LabStatus;
	down: Record<string, never>;
}

export type LabPush = { status: LabStatus } | { event: LabEvent };

export type LabMessage = { id: number; reply: unknown } | { id: number; problem: Problem } | { push: LabPush };

export const labRequestLine = z.object({
	id: z.number().int(),
	op: z.string(),
	args: z.unknown(),
});

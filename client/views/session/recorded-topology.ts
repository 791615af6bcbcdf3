import { z } from "zod";
import type { Member, Topology } from "../../../core/target.ts";

const word = z.string().optional();

const disputeSchema = z.object({
	role: z.string(),
	says: z.array(z.object({ observer: z.string(), value: z.string() })).default([]),
});

/** A topology as an event holds it: as it was read, or as expressions saw it (`topologyForExpressions`). */
const recordedSchema = z.looseObject({
	cluster: z.string(),
	members: z.array(
		z.looseObject({
			name: z.string(),
			address: z.string(),
			role: z.string(),
			health: z.string(),
			detail: word,
			follows: z.string().nullish(),
		}),
	),
	disputes: z.array(disputeSchema.or(z.string())).default([]),
	disputed: z.array(z.string()).optional(),
	reachable: z.boolean().optional(),
	unreachableSince: word,
	readAt: word,
	// As far as a date can be: 100,000,000 days.
	readAtMs: z.number().min(0).max(8.64e15).optional(),
});

/** The topologies of an event in one shape; what can't be read as one is left out. */
export function recordedTopologies(value: unknown): Topology[] {
	return (Array.isArray(value) ? value : [value]).flatMap((one) => {
		const recorded = recordedSchema.safeParse(one);
		if (!recorded.success) return [];
		const { disputed, disputes, reachable, unreachableSince, readAt, readAtMs, members, ...rest } = recorded.data;
		const since = unreachableSince ?? (reachable === false ? "" : undefined);
		return {
			...(rest as unknown as Pick<Topology, "cluster" | "kind" | "environment" | "attributes">),
			members: members.map(({ follows, ...member }) =>
				follows ? { ...member, follows } : member,
			) as unknown as Member[],
			disputes: (disputed ?? disputes).map((one) => (typeof one === "string" ? { role: one, says: [] } : one)),
			readAt: readAt ?? new Date(readAtMs ?? 0).toISOString(),
			...(since === undefined ? {} : { unreachableSince: since }),
		};
	});
}

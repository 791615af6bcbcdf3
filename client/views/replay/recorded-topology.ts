import type { Topology } from "../../../core/target.ts";

/** A topology as an event holds it: as it was read, or as expressions saw it (`topologyForExpressions`). */
interface Recorded {
	cluster: string;
	members: (Omit<Topology["members"][number], "follows"> & { follows?: string | null })[];
	disputes?: Topology["disputes"] | string[];
	disputed?: string[];
	reachable?: boolean;
	unreachableSince?: string;
	readAt?: string;
	readAtMs?: number;
}

/** The topologies of an event in one shape; what can't be read as one is left out. */
export function recordedTopologies(value: unknown): Topology[] {
	return (Array.isArray(value) ? value : [value]).filter(isRecorded).map((recorded) => {
		const { disputed, disputes, reachable, unreachableSince, readAt, readAtMs, members, ...rest } = recorded;
		const since = unreachableSince ?? (reachable === false ? "" : undefined);
		return {
			...(rest as Pick<Topology, "cluster" | "kind" | "environment" | "attributes">),
			members: members.map(({ follows, ...member }) => (follows ? { ...member, follows } : member)),
			disputes: disputed ? disputed.map((role) => ({ role, says: [] })) : ((disputes ?? []) as Topology["disputes"]),
			readAt: readAt ?? new Date(readAtMs ?? 0).toISOString(),
			...(since === undefined ? {} : { unreachableSince: since }),
		};
	});
}

function isRecorded(value: unknown): value is Recorded {
	if (typeof value !== "object" || value === null) return false;
	const { cluster, members } = value as { cluster?: unknown; members?: unknown };
	return typeof cluster === "string" && Array.isArray(members);
}

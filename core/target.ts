import type { JsonValue } from "./json.ts";
import { type Problem, problem } from "./problem.ts";

/** Where a cluster stands, from the lightest to the gravest. Policy goes by environment and risk. */
export const environments = ["lab", "staging", "production"] as const;
export type Environment = (typeof environments)[number];

export type MemberHealth = "up" | "down" | "unknown";

/** One node of a cluster, as its observers describe it. */
export interface Member {
	/** The name given in the configuration, else the address. */
	name: string;
	/** `host:port`; for the local machine its host name. */
	address: string;
	/** The kind's own word: `master`, `replica`, `sentinel`, `primary`, `host` ... */
	role: string;
	/**
	 * What stays the same while the process lives and changes when it is another one (redis `run_id`); null when it could
	 * not be read, and for the server's machine where no configuration says what it is.
	 */
	id: string | null;
	health: MemberHealth;
	/** One short phrase when it is not well, e.g. `connection refused`. */
	detail?: string;
	/** How far behind: bytes of the replication stream, and seconds since it last heard from its source. */
	lag?: { bytes?: number; seconds?: number };
	/** The address that it follows. */
	follows?: string;
	/** Addresses that this observer sees as well. */
	sees?: string[];
	/** The kind's own further facts, e.g. `writesPerSecond`, `quorum`. */
	facts?: Record<string, JsonValue>;
}

/** Observers that do not agree: who says what. */
export interface Dispute {
	/** What they disagree on, e.g. `master`. */
	role: string;
	says: { observer: string; value: string }[];
}

/** A cluster as it was read at one moment, in the same shape for every kind. Members are sorted by address. */
export interface Topology {
	cluster: string;
	kind: string;
	environment: Environment;
	members: Member[];
	disputes: Dispute[];
	/** Kind-wide facts that templates and expressions may use, e.g. `masterName` for redis. */
	attributes: Record<string, JsonValue>;
	/** UTC, ISO 8601 with milliseconds. */
	readAt: string;
	/** Set while no member answers: since when. */
	unreachableSince?: string;
}

/** `orders`, `orders.master`, `orders.replica[1]` or a node by its name or address: `orders/cache-2`, `orders/127.0.0.1:6379`. */
export interface TargetReference {
	cluster: string;
	role?: string;
	index?: number;
	node?: string;
}

/** A node as a plan names it: enough to reach it and to notice that it is another one. */
export interface PlanNode {
	cluster: string;
	environment: Environment;
	kind: string;
	name: string;
	address: string;
	role: string;
	id: string | null;
}

const referencePattern = /^([A-Za-z0-9][A-Za-z0-9_-]*)(?:\.([a-z][a-z0-9-]*)(?:\[(\d{1,3})\])?|\/([^\s/]{1,255}))?$/;

/** Reads a target reference; a problem `target-reference-invalid` when it is none. */
export function parseTargetReference(text: string): TargetReference | Problem {
	const match = referencePattern.exec(text.trim());
	if (match?.[1] === undefined) {
		return problem("target-reference-invalid", `\`${text}\` is not a target reference.`);
	}
	const reference: TargetReference = { cluster: match[1] };
	if (match[2] !== undefined) reference.role = match[2];
	if (match[3] !== undefined) reference.index = Number(match[3]);
	if (match[4] !== undefined) reference.node = match[4];
	return reference;
}

/** Writes a reference as a person would. */
export function formatTargetReference(reference: TargetReference): string {
	if (reference.node !== undefined) return `${reference.cluster}/${reference.node}`;
	if (reference.role === undefined) return reference.cluster;
	return `${reference.cluster}.${reference.role}${reference.index === undefined ? "" : `[${reference.index}]`}`;
}

/** Sorts by address as text, hosts first and ports as numbers, so that `replica[0]` is the same node for everybody. */
export function compareAddresses(a: string, b: string): number {
	const [hostA, portA] = splitAddress(a);
	const [hostB, portB] = splitAddress(b);
	if (hostA !== hostB) return hostA < hostB ? -1 : 1;
	return portA - portB;
}

/** Splits `host:port`; the port is 0 when there is none. IPv6 hosts stand in brackets. */
export function splitAddress(address: string): [host: string, port: number] {
	const colon = address.lastIndexOf(":");
	if (colon === -1 || address.endsWith("]")) return [address, 0];
	return [address.slice(0, colon), Number(address.slice(colon + 1))];
}

/**
 * The one place where a reference becomes a node. Pure: the answer depends on the topology alone.
 * A reference without a role names the cluster's only member, or its role `defaultRole`.
 * A role that observers disagree on gives `topology-disputed`, never a guess.
 */
export function resolveTarget(
	topology: Topology,
	reference: TargetReference,
	defaultRole?: string,
): PlanNode | Problem {
	const written = formatTargetReference(reference);
	if (reference.node !== undefined) {
		const named = topology.members.find((m) => m.name === reference.node || m.address === reference.node);
		return named
			? nodeOf(topology, named)
			: problem("target-unknown", `${topology.cluster} has no node \`${reference.node}\`.`, {
					next: `Its nodes are ${topology.members.map((m) => m.name).join(", ") || "unknown now"}.`,
				});
	}
	if (topology.unreachableSince !== undefined) {
		const why = whyDown(topology.members);
		return problem(
			"target-unreachable",
			`${topology.cluster} has not answered since ${topology.unreachableSince}${why === null ? "" : `: ${why}`}.`,
		);
	}
	const role = reference.role ?? defaultRole;
	if (role === undefined) {
		const only = topology.members[0];
		if (topology.members.length === 1 && only) return nodeOf(topology, only);
		return problem("target-reference-invalid", `\`${written}\` has several nodes; name a role.`, {
			next: `Write one of ${[...new Set(topology.members.map((m) => `${topology.cluster}.${m.role}`))].join(", ")}.`,
		});
	}
	const dispute = topology.disputes.find((d) => d.role === role);
	if (dispute) {
		return problem(
			"topology-disputed",
			`Who is ${role} of ${topology.cluster} is disputed: ${dispute.says.map((s) => `${s.observer} says ${s.value}`).join(", ")}.`,
		);
	}
	const having = topology.members
		.filter((m) => m.role === role && m.health !== "down")
		.sort((a, b) => compareAddresses(a.address, b.address));
	const member = having[reference.index ?? 0];
	if (!member) {
		const down = topology.members.filter((m) => m.health === "down");
		const ofRole = down.filter((m) => m.role === role);
		const why = whyDown(ofRole.length > 0 ? ofRole : down);
		return problem(
			"target-role-vacant",
			having.length === 0
				? `${topology.cluster} has no ${role} that answers${why === null ? "" : `: ${why}`}.`
				: `${topology.cluster} has ${having.length} ${role}${having.length === 1 ? "" : "s"}, so there is no \`${written}\`.`,
		);
	}
	return nodeOf(topology, member);
}

/** Why members are down, in one phrase without a full stop: a refused connection, a credential that is not there. */
export function whyDown(members: readonly Member[]): string | null {
	const why = new Map<string, string[]>();
	for (const { health, detail, name } of members) {
		if (health === "up" || detail === undefined) continue;
		const phrase = detail.replace(/\.$/, "");
		why.set(phrase, [...(why.get(phrase) ?? []), name]);
	}
	if (why.size === 0) return null;
	return [...why].map(([phrase, names]) => `${phrase} (${names.join(", ")})`).join("; ");
}

function nodeOf(topology: Topology, member: Member): PlanNode {
	return {
		cluster: topology.cluster,
		environment: topology.environment,
		kind: topology.kind,
		name: member.name,
		address: member.address,
		role: member.role,
		id: member.id,
	};
}

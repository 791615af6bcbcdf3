import type { JsonObject, JsonValue } from "./json.ts";
import { type Member, splitAddress, type Topology } from "./target.ts";

/**
 * A topology as expressions see it (`topology`, `before`): `members` with `host` and `port` split off,
 * `roles.<role>` the members of a role, and `<role>` (e.g. `topology.master`) its first one that is not down,
 * or null. Also `cluster`, `attributes`, `disputed` (the roles) and `disputes` (`observer says node`, as text),
 * `reachable`, and `readAtMs`, Unix time in milliseconds.
 */
export function topologyForExpressions(topology: Topology): JsonObject {
	const members = topology.members.map(memberForExpressions);
	const roles: Record<string, JsonObject[]> = {};
	for (const member of members) {
		const role = String(member.role);
		roles[role] = [...(roles[role] ?? []), member];
	}
	const first: JsonObject = {};
	for (const [role, having] of Object.entries(roles)) {
		first[role] = (having.find((member) => member.health !== "down") ?? null) as JsonValue;
	}
	return {
		master: null,
		primary: null,
		...first,
		cluster: topology.cluster,
		kind: topology.kind,
		environment: topology.environment,
		members,
		roles,
		attributes: topology.attributes,
		disputed: topology.disputes.map((d) => d.role),
		disputes: topology.disputes.flatMap((d) => d.says.map((s) => `${s.observer} says ${s.value}`)),
		reachable: topology.unreachableSince === undefined,
		readAtMs: Date.parse(topology.readAt),
	};
}

function memberForExpressions(member: Member): JsonObject {
	const [host, port] = splitAddress(member.address);
	return {
		name: member.name,
		address: member.address,
		host,
		port,
		role: member.role,
		id: member.id,
		health: member.health,
		detail: member.detail ?? "",
		lag: { bytes: member.lag?.bytes ?? null, seconds: member.lag?.seconds ?? null },
		follows: member.follows ?? null,
		sees: member.sees ?? [],
		facts: member.facts ?? {},
	};
}

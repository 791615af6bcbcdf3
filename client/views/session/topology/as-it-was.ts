import type { Member, Topology } from "../../../../core/target.ts";

/**
 * A cluster of which nobody answers, with the roles and links that were known last, and the members that were known then:
 * a reading without an answer knows of neither. `known`: the last reading in which somebody answered.
 */
export function asItWas(unreachable: Topology, known: Topology): Topology {
	const now = new Map(unreachable.members.map((member) => [member.address, member]));
	const kept = known.members.map((was): Member => {
		const { health = "unknown", detail } = now.get(was.address) ?? {};
		now.delete(was.address);
		const { lag: _lag, facts: _facts, detail: _detail, ...member } = was;
		return { ...member, health, ...(detail === undefined ? {} : { detail }) };
	});
	return { ...unreachable, members: [...kept, ...now.values()], attributes: known.attributes };
}

/** Why the members of a cluster don't answer, each reason once with whom it is about; all of them need no names. */
export function silenceReasons(members: readonly Member[]): string[] {
	const byReason = new Map<string, string[]>();
	for (const { name, detail = "no answer" } of members) {
		byReason.set(detail, [...(byReason.get(detail) ?? []), name]);
	}
	if (byReason.size === 1) return [...byReason.keys()];
	return [...byReason].map(([reason, names]) => `${names.join(", ")}: ${reason}`);
}

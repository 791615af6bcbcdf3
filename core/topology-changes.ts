import type { Member, Topology } from "./target.ts";

/**
 * What is different between two readings of the same cluster, one short sentence each: roles that moved, members that
 * went down, came back, appeared or left, a source that changed. Lag and counters never count as a change.
 */
export function topologyChanges(before: Topology, after: Topology): string[] {
	const changes: string[] = [];
	const earlier = new Map(before.members.map((member) => [member.address, member]));
	const nameOf = (address: string) => after.members.find((m) => m.address === address)?.name ?? address;
	for (const member of after.members) {
		const was = earlier.get(member.address);
		earlier.delete(member.address);
		if (!was) changes.push(`${member.name} joined as ${member.role}`);
		else changes.push(...memberChanges(was, member, nameOf));
	}
	for (const gone of earlier.values()) changes.push(`${gone.name} is no longer a member`);
	return changes;
}

function memberChanges(was: Member, is: Member, nameOf: (address: string) => string): string[] {
	if (was.health !== "down" && is.health === "down") return [`${is.name} is down`];
	const changes: string[] = [];
	if (was.health === "down" && is.health === "up") changes.push(`${is.name} is back as ${is.role}`);
	else if (was.role !== is.role) changes.push(`${is.name} is ${is.role}, was ${was.role}`);
	else if (was.id !== null && is.id !== null && was.id !== is.id) changes.push(`${is.name} was started anew`);
	if (was.role === is.role && is.follows !== undefined && was.follows !== undefined && was.follows !== is.follows) {
		changes.push(`${is.name} follows ${nameOf(is.follows)}`);
	}
	return changes;
}

/** Reads the topologies of an event (JSON of a list); erased or unreadable text gives none. */
export function readTopologies(content: string | undefined): Topology[] {
	if (content === undefined) return [];
	try {
		const value: unknown = JSON.parse(content);
		return Array.isArray(value) ? (value as Topology[]).filter((t) => Array.isArray(t?.members)) : [];
	} catch {
		return [];
	}
}

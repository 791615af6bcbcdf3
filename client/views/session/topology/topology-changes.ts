import type { Member, Topology } from "../../../../core/target.ts";

/** Something that changed between two readings, in words, and the address that it is about. */
export interface TopologyChange {
	address: string | null;
	words: string;
	/** `bad`: something was lost; `good`: it came back; `moved`: a role or who follows whom. */
	tone: "good" | "bad" | "moved";
	/** The words of what it puts an end to. */
	ends?: string;
	/** Who leads now: what matters most of all that moves. */
	leads?: true;
}

/** So many stand under the drawing. */
const mostShown = 4;

/**
 * The latest few of these changes, and the last word on who leads however much followed it. What puts an end to a recent
 * one is told only together with it.
 */
export function shownChanges<Change extends TopologyChange>(recent: readonly Change[]): Change[] {
	const leader = recent.findLast(({ leads }) => leads);
	const latest = recent.slice(-mostShown);
	const shown = leader === undefined || latest.includes(leader) ? latest : [leader, ...latest.slice(1)];
	const hasWords = (changes: readonly Change[], words: string) => changes.some((change) => change.words === words);
	return shown.filter(({ ends }) => ends === undefined || hasWords(shown, ends) || !hasWords(recent, ends));
}

/** What changed from one reading to the next, gravest things first in reading order of the members. Lag does not count. */
export function changesBetween(before: Topology, after: Topology): TopologyChange[] {
	const changes: TopologyChange[] = [];
	const nameOf = (address: string | undefined) =>
		after.members.find((m) => m.address === address)?.name ?? address ?? "nobody";
	if (after.unreachableSince !== undefined) {
		// Of each of them there is nothing more to say.
		return before.unreachableSince !== undefined
			? []
			: [{ address: null, words: `${after.cluster} does not answer`, tone: "bad" }];
	}
	if (before.unreachableSince !== undefined && after.unreachableSince === undefined) {
		changes.push({ address: null, words: `${after.cluster} answers again`, tone: "good" });
	}
	const known = new Map(before.members.map((m) => [m.address, m]));
	for (const member of after.members) {
		const was = known.get(member.address);
		known.delete(member.address);
		const { address, name } = member;
		if (!was) {
			changes.push({ address, words: `${name} appeared as ${member.role}`, tone: "good" });
			continue;
		}
		if (was.role !== member.role) {
			const leads = member.role === "master" || member.role === "primary";
			changes.push({ address, words: roleWords(was, member), tone: "moved", ...(leads ? { leads } : {}) });
		}
		// When the whole cluster answers again, that has been said.
		if (was.health !== member.health && !(before.unreachableSince !== undefined && member.health === "up")) {
			changes.push({ address, ...healthWords(was, member) });
		}
		if (was.follows !== member.follows && member.follows !== undefined) {
			changes.push({ address, words: `${name} follows ${nameOf(member.follows)}`, tone: "moved" });
		}
		if (was.id !== null && member.id !== null && was.id !== member.id) {
			changes.push({ address, words: `${name} is another process now`, tone: "moved" });
		}
	}
	for (const [address, { name }] of known) changes.push({ address, words: `${name} is gone`, tone: "bad" });
	if (before.disputes.length === 0 && after.disputes.length > 0) {
		changes.push({ address: null, words: `who is ${after.disputes[0]?.role} is disputed`, tone: "bad" });
	} else if (before.disputes.length > 0 && after.disputes.length === 0) {
		changes.push({ address: null, words: "the observers agree again", tone: "good" });
	}
	return changes;
}

function roleWords(was: Member, { name, role }: Member): string {
	if (role === "stray") return `${name} also says that it is master`;
	return was.role === "stray" ? `${name} is ${role}` : `${name} is ${role}, was ${was.role}`;
}

function healthWords(was: Member, member: Member): Omit<TopologyChange, "address"> {
	const { name, health, detail } = member;
	if (health === "down") return { words: `${name} is down`, tone: "bad" };
	if (health === "unknown") return { words: `${name}: ${detail ?? "its state is not known"}`, tone: "moved" };
	const ends = healthWords(member, was).words;
	return { words: was.health === "down" ? `${name} is up again` : `${name} is well again`, tone: "good", ends };
}

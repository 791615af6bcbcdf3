import type { Member } from "../../../../core/target.ts";
import { splitAddress } from "../../../../core/target.ts";

/**
 * What stands in the boxes of nodes, by address, each in at most `limit` letters. Nodes that are called by their addresses
 * and don't fit keep what tells them apart: without a host that all of them share, else cut in the middle.
 */
export function nodeLabels(
	members: readonly Pick<Member, "name" | "address">[],
	limit: (address: string) => number,
): ReadonlyMap<string, string> {
	const unnamed = members.filter(({ name, address }) => name === address);
	const hosts = new Set(unnamed.map(({ address }) => splitAddress(address)[0]));
	const tooLong = unnamed.some(({ name, address }) => name.length > limit(address));
	const withoutHost = tooLong && unnamed.length > 1 && hosts.size === 1;
	return new Map(
		members.map(({ name, address }) => [
			address,
			cutInMiddle(withoutHost && name === address ? `:${splitAddress(address)[1]}` : name, limit(address)),
		]),
	);
}

/** A text in at most `limit` letters: its beginning, and its end, which is where names differ. */
function cutInMiddle(text: string, limit: number): string {
	if (text.length <= limit) return text;
	const end = Math.min(Math.max(1, limit - 2), Math.max(6, Math.ceil(((limit - 1) * 2) / 3)));
	return `${text.slice(0, Math.max(1, limit - 1 - end))}…${text.slice(-end)}`;
}

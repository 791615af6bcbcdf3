import type { Topology } from "../../core/target.ts";
import type { RedisConfig } from "../../targets/redis/redis-config.ts";
import { RedisLink } from "../../targets/redis/redis-link.ts";
import type { Target } from "../../targets/target-kind.ts";
import type { LabSurroundings } from "../lab-topology.ts";

/** Waits until a data node takes connections; throws after `withinMs` or when the signal aborts. */
export async function answersWithin(
	target: Target<RedisConfig>,
	address: string,
	around: LabSurroundings,
	withinMs: number,
	signal: AbortSignal,
): Promise<void> {
	for (const until = around.monotonic() + withinMs; ; ) {
		signal.throwIfAborted();
		try {
			const link = await RedisLink.open(target, "data", address, around.host, 1_000);
			const reply = await link.callWithin(["PING"], 1_000);
			link.close();
			if (reply.kind === "status") return;
		} catch (error) {
			if (around.monotonic() > until) throw error;
		}
		await new Promise((resolve) => setTimeout(resolve, 15));
	}
}

/** What a set still lacks to be whole, as a phrase; null when it lacks nothing. */
export function whatIsMissing(
	topology: Topology,
	wanted: { master: string; replicas: number; sentinels: number },
): string | null {
	if (topology.disputes.length > 0) return "the Sentinels do not agree on the master";
	const unwell = topology.members.find((member) => member.health !== "up" || member.detail !== undefined);
	if (unwell) return `${unwell.name} is not well: ${unwell.detail ?? unwell.health}`;
	const having = (role: string) => topology.members.filter((member) => member.role === role);
	if (
		having("master")
			.map((member) => member.address)
			.join() !== wanted.master
	)
		return "the master is another one";
	if (having("replica").length !== wanted.replicas) return "replicas are missing";
	if (having("sentinel").length !== wanted.sentinels) return "Sentinels are missing";
	const master = having("master")[0];
	if (master?.facts?.replicas !== wanted.replicas) return "the master does not have all its replicas";
	for (const sentinel of having("sentinel")) {
		const { replicas, otherSentinels, masterFlags } = sentinel.facts ?? {};
		if (replicas !== wanted.replicas) return `${sentinel.name} does not know all replicas`;
		if (otherSentinels !== wanted.sentinels - 1) return `${sentinel.name} does not know all other Sentinels`;
		if (masterFlags !== "master") return `${sentinel.name} does not find the master well`;
		if (sentinel.sees?.length !== wanted.replicas + wanted.sentinels) return `${sentinel.name} does not see every node`;
	}
	return null;
}

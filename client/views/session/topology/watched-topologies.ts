import { type ReadonlySignal, signal } from "@preact/signals";
import type { Topology } from "../../../../core/target.ts";
import type { Clock } from "../../../shell/clock.ts";
import { asItWas } from "./as-it-was.ts";
import { isUnsettled } from "./lay-topology.ts";
import { changesBetween, type TopologyChange } from "./topology-changes.ts";

/** A topology as the page holds it: with what changed lately and when it was read (Unix milliseconds of the server's clock). */
export interface WatchedTopology {
	topology: Topology;
	readAt: number;
	changes: readonly (TopologyChange & { at: number })[];
	/** Nobody of it answers, and its roles and links are those that were known last. */
	asItWas: boolean;
	/** Since when more than one says that it leads (Unix milliseconds of the server's clock); null when they agree. */
	unsettledSince: number | null;
}

/** So long two may say that they lead before it is a failure; longer while something changes the cluster. */
const settledWithinMs = 10_000;
const settledWithinChangeMs = 30_000;

/** Whether the roles of a cluster are still changing hands, as they do in every failover. */
export function isSettling(
	{ unsettledSince }: Pick<WatchedTopology, "unsettledSince">,
	now: number,
	changes: boolean,
): boolean {
	return unsettledSince !== null && now - unsettledSince < (changes ? settledWithinChangeMs : settledWithinMs);
}

const changeShownMs = 30_000;

/** The clusters that a page follows, by name, as last heard; `hear` takes one that is newer than what is known. */
export function watchTopologies(clock: Clock): {
	topologies: ReadonlySignal<ReadonlyMap<string, WatchedTopology>>;
	hear(topology: Topology): void;
} {
	const topologies = signal<ReadonlyMap<string, WatchedTopology>>(new Map());

	function hear(heard: Topology): void {
		const before = topologies.peek().get(heard.cluster);
		if (before && before.topology.readAt >= heard.readAt) return;
		const isKnown = before !== undefined && (before.asItWas || before.topology.unreachableSince === undefined);
		const wasSo = isKnown && heard.unreachableSince !== undefined;
		const topology = wasSo ? asItWas(heard, before.topology) : heard;
		// The first one heard may have been read long ago, for another session; what follows on it is fresh.
		if (before) clock.observe(topology.readAt);
		const now = clock.read();
		const changes = before ? changesBetween(before.topology, topology).map((change) => ({ ...change, at: now })) : [];
		const kept = (before?.changes ?? []).filter((change) => now - change.at < changeShownMs);
		// What is found so at first may have been so for any time, unless something changes it just now.
		const since = before ? now : now - settledWithinMs;
		const next = new Map(topologies.peek());
		next.set(topology.cluster, {
			topology,
			readAt: Math.min(now, Date.parse(topology.readAt)),
			changes: changes.length === 0 ? kept : [...kept, ...changes],
			asItWas: wasSo,
			unsettledSince: isUnsettled(topology) ? (before?.unsettledSince ?? since) : null,
		});
		topologies.value = next;
	}

	return { topologies, hear };
}

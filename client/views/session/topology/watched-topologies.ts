import { type ReadonlySignal, signal } from "@preact/signals";
import type { Topology } from "../../../../core/target.ts";
import type { Clock } from "../../../shell/clock.ts";
import { changesBetween, type TopologyChange } from "./topology-changes.ts";

/** A topology as the page holds it: with what changed lately and when it was read (Unix milliseconds of the server's clock). */
export interface WatchedTopology {
	topology: Topology;
	readAt: number;
	changes: readonly (TopologyChange & { at: number })[];
}

const changeShownMs = 30_000;

/** The clusters that a page follows, by name, as last heard; `hear` takes one that is newer than what is known. */
export function watchTopologies(clock: Clock): {
	topologies: ReadonlySignal<ReadonlyMap<string, WatchedTopology>>;
	hear(topology: Topology): void;
} {
	const topologies = signal<ReadonlyMap<string, WatchedTopology>>(new Map());

	function hear(topology: Topology): void {
		const before = topologies.peek().get(topology.cluster);
		if (before && before.topology.readAt >= topology.readAt) return;
		// The first one heard may have been read long ago, for another session; what follows on it is fresh.
		if (before) clock.observe(topology.readAt);
		const now = clock.read();
		const changes = before ? changesBetween(before.topology, topology).map((change) => ({ ...change, at: now })) : [];
		const kept = (before?.changes ?? []).filter((change) => now - change.at < changeShownMs);
		const next = new Map(topologies.peek());
		next.set(topology.cluster, {
			topology,
			readAt: Math.min(now, Date.parse(topology.readAt)),
			changes: changes.length === 0 ? kept : [...kept, ...changes],
		});
		topologies.value = next;
	}

	return { topologies, hear };
}

import type { LabTopology } from "./lab-topology.ts";
import { redisSentinel } from "./redis-sentinel/redis-sentinel.ts";

/** The one list of kinds of lab: a kind is added by one folder and one line here. */
export const labTopologies: readonly LabTopology[] = [redisSentinel];

/** The topology of this kind, if there is one. */
export function labTopology(kind: string): LabTopology | undefined {
	return labTopologies.find((topology) => topology.kind === kind);
}

import type { Plan } from "../../../core/plan.ts";
import { useApp } from "../../shell/app-context.ts";
import { planClusters } from "./card/plan-clusters.ts";
import { parseContent } from "./parse-content.ts";
import { useSession } from "./session-context.ts";
import { isSettling, type WatchedTopology } from "./topology/watched-topologies.ts";

/** Whether the roles of a cluster are changing hands just now: then two who say that they lead are no failure. */
export function useSettling(watched: WatchedTopology | undefined): boolean {
	const { store } = useSession();
	const { clock } = useApp();
	if (!watched || watched.unsettledSince === null) return false;
	const changes = store.active.value.some((run) => {
		const plan = run.risk === "read" ? undefined : parseContent<Plan>(run.plan);
		return plan !== undefined && planClusters(plan).includes(watched.topology.cluster);
	});
	return isSettling(watched, clock.now.value, changes);
}

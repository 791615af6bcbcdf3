import { gravestEnvironment } from "./plan.ts";
import type { Content } from "./session-event.ts";
import type { SessionState } from "./session-state.ts";
import { type Environment, environments } from "./target.ts";

/** A cluster that a session was opened for: by its parameters, or because its runbook names it. */
export interface ChosenCluster {
	cluster: string;
	/** What it is configured as now; null when no target of this name is. */
	environment: Environment | null;
}

/**
 * The environment that a session stands in, the one rule for every page and list: that of the clusters that were chosen
 * for it, the gravest of several. Where else a run went (a step that somebody added, this server) is said at its own
 * step and does not count; only a session that chose no cluster stands where its runs went. This machine counts when it is
 * among the chosen: else nobody has said what it is. An open session goes by
 * what a cluster is now, a closed one by what its runs recorded, and each by the other where that is not known.
 * Null when nothing tells.
 */
export function sessionEnvironment(
	state: Pick<SessionState, "status" | "runs">,
	chosen: readonly ChosenCluster[],
): Environment | null {
	const runs = Object.values(state.runs);
	const recorded = (cluster: string): Environment | null => {
		for (const run of runs) {
			const place = placesOf(run.plan).find((node) => node.cluster === cluster);
			if (place) return place.environment;
		}
		return null;
	};
	const found =
		chosen.length === 0
			? runs.flatMap((run) => placesOf(run.plan).flatMap((node) => (node.cluster === "local" ? [] : node.environment)))
			: chosen.flatMap(({ cluster, environment: now }) => {
					const environment = state.status === "closed" ? (recorded(cluster) ?? now) : (now ?? recorded(cluster));
					return environment ?? [];
				});
	return found.length === 0 ? null : gravestEnvironment(found);
}

interface Place {
	cluster: string;
	environment: Environment;
}

/** A recorded plan never changes, and lists ask for it again and again. */
const known = new WeakMap<Content, readonly Place[]>();

/** Where a plan went; nowhere when it was erased. */
function placesOf(plan: Content): readonly Place[] {
	const before = known.get(plan);
	if (before) return before;
	const places = readPlaces(plan.content);
	known.set(plan, places);
	return places;
}

/**
 * Only what names its place whole counts. Read by hand: a schema takes three times as long, and the page reads the plans
 * of a thousand runs before it draws a session.
 */
function readPlaces(text: string | undefined): Place[] {
	if (text === undefined) return [];
	try {
		const plan: RecordedPlan | null = JSON.parse(text);
		return (plan?.steps ?? []).flatMap((step) =>
			(step?.commands ?? []).flatMap(({ node }) => (isPlace(node) ? node : [])),
		);
	} catch {
		return [];
	}
}

/** As much of a recorded plan as is read here: where its commands go. */
interface RecordedPlan {
	steps?: { commands?: { node?: Partial<Place> }[] }[];
}

function isPlace(node: Partial<Place> | undefined): node is Place {
	return typeof node?.cluster === "string" && environments.some((one) => one === node.environment);
}

import { ProblemError } from "../../core/problem.ts";
import type { TargetSummary } from "../../core/protocol.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Handlers } from "./request-context.ts";

/** Clusters that one page may follow at once. */
const mostFollowed = 20;

/** Follows clusters for a page: each topology that is read goes to it until it looks away. */
export function topologyRequests(parts: {
	sessions: Sessions;
	targets(): TargetSummary[];
}): Handlers<"topology.watch" | "topology.unwatch"> {
	const followed = new Map<string, Set<string>>();
	return {
		"topology.watch": ({ cluster }, page) => {
			if (!parts.targets().some((target) => target.name === cluster)) {
				throw new ProblemError("target-unknown", `There is no target \`${cluster}\`.`);
			}
			const clusters = followed.get(page.socket) ?? new Set<string>();
			if (!clusters.has(cluster) && clusters.size >= mostFollowed) {
				throw new ProblemError("too-many-requests", `A page follows at most ${mostFollowed} clusters.`);
			}
			followed.set(page.socket, clusters.add(cluster));
			const stop = parts.sessions.watchTopology(cluster, (topology) => page.pushTopology(topology));
			page.keep(`topology:${cluster}`, () => {
				stop();
				clusters.delete(cluster);
				if (clusters.size === 0) followed.delete(page.socket);
			});
			return { topology: parts.sessions.lastTopology(cluster) };
		},
		"topology.unwatch": ({ cluster }, page) => {
			page.release(`topology:${cluster}`);
			return {};
		},
	};
}

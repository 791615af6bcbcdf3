import { hostname, loadavg, uptime } from "node:os";
import { z } from "zod";
import type { Topology } from "../../core/target.ts";
import type { ClusterObserver, NodeConnection, Target, TargetHost, TargetKind } from "../target-kind.ts";

const localConfig = z.strictObject({
	/** The name shown for this machine; its host name unless told. */
	name: z.string().min(1).max(255).optional(),
});

export type LocalConfig = z.output<typeof localConfig>;

/** The machine that the server runs on: one member, role `host`. It needs no connection: processes start here. */
export const localKind: TargetKind<LocalConfig, NodeConnection> = {
	kind: "local",
	defaultRole: "host",
	config: localConfig,
	async connect() {
		return { async close() {} };
	},
	observe: observeLocal,
	attributes: (target) => ({ host: target.config.name ?? hostname() }),
};

/** How often a follower is told of this machine again. */
const pauseMs = 5_000;

function observeLocal(target: Target<LocalConfig>, host: TargetHost): ClusterObserver {
	const timers = new Set<NodeJS.Timeout>();
	const observer = {
		last: null as Topology | null,
		async read() {
			observer.last = readLocal(target, host);
			return observer.last;
		},
		follow(listener: (topology: Topology) => void) {
			const tell = () => void observer.read().then(listener);
			const timer = setInterval(tell, pauseMs);
			timer.unref();
			timers.add(timer);
			tell();
			return () => {
				clearInterval(timer);
				timers.delete(timer);
			};
		},
		async close() {
			for (const timer of timers) clearInterval(timer);
			timers.clear();
		},
	};
	return observer;
}

function readLocal(target: Target<LocalConfig>, host: TargetHost): Topology {
	const address = hostname();
	return {
		cluster: target.name,
		kind: target.kind,
		environment: target.environment,
		members: [
			{
				name: target.config.name ?? address,
				address,
				role: "host",
				// In a plan, and so in the record, this alone tells a machine that nobody has configured from one that somebody has.
				id: target.isAssumed ? null : address,
				health: "up",
				facts: { load: loadavg()[0] ?? 0, uptimeSeconds: Math.floor(uptime()) },
			},
		],
		disputes: [],
		attributes: { host: target.config.name ?? address },
		readAt: host.now().toISOString(),
	};
}

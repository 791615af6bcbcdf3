import type { JsonValue } from "../../core/json.ts";
import type { DataReading, SentinelReading } from "./redis-reading.ts";

type Facts = Record<string, JsonValue>;
type Info = Record<string, string>;

/** How far a replica is behind: bytes against the master's offset of the same reading, seconds since it last heard from it. */
export function replicationLag(info: Info | null, master: Info | null): { bytes?: number; seconds?: number } | null {
	if (info?.role !== "slave") return null;
	const lag: { bytes?: number; seconds?: number } = {};
	const [own, masters] = [count(info.slave_repl_offset), count(master?.master_repl_offset)];
	// The two were not read in the same instant, so a replica can seem to be ahead.
	if (own !== null && masters !== null) lag.bytes = Math.max(0, masters - own);
	const linkUp = info.master_link_status === "up";
	const seconds = count(linkUp ? info.master_last_io_seconds_ago : info.master_link_down_since_seconds);
	if (seconds !== null && seconds >= 0) lag.seconds = seconds;
	return lag;
}

/** A data node's further facts, as INFO and the Sentinels give them. Sizes in bytes, ages in seconds. */
export function dataFacts(
	node: DataReading,
	around: {
		stray: boolean;
		sentinels: SentinelReading[];
		canonical: (address: string) => string;
		name: (address: string) => string;
	},
): Facts {
	const { info } = node;
	const facts: Facts = {};
	if (info !== null) {
		facts.version = info.redis_version ?? null;
		facts.saysRole = info.role === "slave" ? "replica" : (info.role ?? null);
		facts.uptimeSeconds = count(info.uptime_in_seconds);
		facts.opsPerSecond = count(info.instantaneous_ops_per_sec);
		facts.clients = count(info.connected_clients);
		facts.memoryBytes = count(info.used_memory);
		facts.offset = count(info.role === "slave" ? info.slave_repl_offset : info.master_repl_offset);
		facts.loading = info.loading === "1";
		facts.lastSaveOk = info.rdb_last_bgsave_status === "ok";
		facts.aof = info.aof_enabled === "1";
		if (info.role === "slave") {
			facts.link = info.master_link_status ?? null;
			facts.syncing = info.master_sync_in_progress === "1";
			facts.readOnly = info.slave_read_only === "1";
			facts.priority = count(info.slave_priority);
		} else {
			facts.replicas = count(info.connected_slaves);
			if (info.min_slaves_good_slaves !== undefined) facts.goodReplicas = count(info.min_slaves_good_slaves);
		}
		if (around.stray) facts.stray = true;
	}
	const flagged = (flag: string): string[] =>
		around.sentinels
			.filter((sentinel) =>
				[sentinel.master, ...sentinel.replicas].some(
					(seen) =>
						around.canonical(`${seen.ip}:${seen.port}`) === node.address &&
						(seen.flags ?? "").split(",").includes(flag),
				),
			)
			.map((sentinel) => around.name(sentinel.address));
	const [sdown, odown] = [flagged("s_down"), flagged("o_down")];
	if (sdown.length > 0) facts.sdownBy = sdown;
	if (odown.length > 0) facts.odownBy = odown;
	return facts;
}

/** A Sentinel's further facts. */
export function sentinelFacts(
	node: SentinelReading,
	around: {
		canonical: (address: string) => string;
		name: (address: string) => string;
		masterSeenForMs: number | null;
	},
): Facts {
	if (node.info === null) return {};
	const takenForMs = count(node.master["role-reported-time"]);
	return {
		version: node.info.redis_version ?? null,
		saysMaster: node.saysMaster === null ? null : around.canonical(node.saysMaster),
		quorum: count(node.master.quorum),
		replicas: count(node.master["num-slaves"]),
		otherSentinels: count(node.master["num-other-sentinels"]),
		masterFlags: node.master.flags ?? null,
		failover: node.master["failover-state"] ?? null,
		// Since it took the node that it names for the master, by a failover or because it started then; or since that node
		// was seen to be one, which is earlier by the time that the other replicas took to follow it. In the midst of a
		// failover it names the next one already, and the time is still the old one's.
		masterForMs:
			node.saysMaster === `${node.master.ip}:${node.master.port}` && takenForMs !== null
				? Math.max(takenForMs, around.masterSeenForMs ?? 0)
				: null,
		downAfterMs: count(node.master["down-after-milliseconds"]),
		epoch: count(node.master["config-epoch"]),
		tilt: node.info.sentinel_tilt === "1",
	};
}

function count(text: string | undefined): number | null {
	if (text === undefined || !/^-?\d+$/.test(text)) return null;
	return Number(text);
}

import type { JsonValue } from "../../core/json.ts";
import { compareAddresses, type Dispute, type Member, type Topology } from "../../core/target.ts";
import type { Target } from "../target-kind.ts";
import type { RedisConfig } from "./redis-config.ts";
import { dataFacts, replicationLag, sentinelFacts } from "./redis-facts.ts";
import { parseInfoFields } from "./redis-info.ts";
import type { DataReading, RedisReadings, SentinelReading } from "./redis-reading.ts";

/** The address of a node in SENTINEL's replies. */
export function addressOf(fields: Record<string, string>): string | null {
	const { ip, port } = fields;
	if (ip === undefined || port === undefined || ip === "") return null;
	return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** The address that a replica says it follows. */
export function sourceOf(info: Record<string, string> | null): string | null {
	const [ip, port] = [info?.master_host, info?.master_port];
	return ip === undefined || port === undefined ? null : addressOf({ ip, port });
}

/**
 * Puts readings together to a topology. Pure.
 *
 * Who is `master` is what the Sentinels that answer agree on, since that is where clients are sent. A node that calls
 * itself master while they name another (for about ten seconds after a failover the old one does) is a `stray`: shown,
 * but no dispute, or it could not be fenced. Disputed are: Sentinels that name different nodes, a named node that says
 * it is a replica, and a minority of Sentinels contradicted by a data node. Without any Sentinel the nodes' own word counts.
 */
export function composeRedisTopology(
	target: Target<RedisConfig>,
	readings: RedisReadings,
	readAt: Date,
	unreachableSince: Date | null,
): Topology {
	const canonical = canonicalAddresses(target.config, readings);
	const name = (address: string): string => displayName(target.config, canonical(address));
	const data = onceEach(readings.data, canonical);
	const sentinels = onceEach(readings.sentinels, canonical);
	const verdict = whoIsMaster(data, sentinels, canonical, name);
	const master = data.find((node) => node.address === verdict.master);

	const masterSeenForMs = master?.masterSeenForMs ?? null;

	const members: Member[] = [
		...data.map((node) => dataMember(node, { verdict, master, sentinels, canonical, name })),
		...sentinels.map((node) => sentinelMember(node, { sentinels, canonical, name, masterSeenForMs })),
	].sort((a, b) => compareAddresses(a.address, b.address));
	const watching = sentinels.filter((sentinel) => sentinel.saysMaster !== null);
	const attributes: Record<string, JsonValue> = {
		...(target.config.masterName !== undefined && { masterName: target.config.masterName }),
		...(target.config.sentinels !== undefined && {
			sentinels: sentinels.length,
			sentinelsAnswering: watching.length,
			sentinelMajority: watching.length * 2 > sentinels.length,
			quorum: Number(watching[0]?.master.quorum ?? 0),
		}),
		strays: members.filter((member) => member.role === "stray").map((member) => member.address),
	};
	return {
		cluster: target.name,
		kind: target.kind,
		environment: target.environment,
		members,
		disputes: verdict.disputes,
		attributes,
		readAt: readAt.toISOString(),
		...(unreachableSince !== null && { unreachableSince: unreachableSince.toISOString() }),
	};
}

interface Verdict {
	/** The master's address, or null when there is none or it is disputed. */
	master: string | null;
	disputes: Dispute[];
}

function whoIsMaster(
	data: DataReading[],
	sentinels: SentinelReading[],
	canonical: (address: string) => string,
	name: (address: string) => string,
): Verdict {
	const selfDeclared = data.filter((node) => node.info?.role === "master");
	const says = sentinels
		.filter((sentinel) => sentinel.saysMaster !== null)
		.map((sentinel) => ({ observer: name(sentinel.address), value: canonical(sentinel.saysMaster ?? "") }));
	const disputed = (more: { observer: string; value: string }[] = []): Verdict => ({
		master: null,
		disputes: [{ role: "master", says: [...says, ...more].map((s) => ({ ...s, value: nameAndAddress(s.value) })) }],
	});
	const nameAndAddress = (address: string): string =>
		name(address) === address ? address : `${name(address)} (${address})`;

	const named = [...new Set(says.map((s) => s.value))];
	if (named.length > 1) return disputed();
	const [one] = named;
	if (one === undefined) {
		if (selfDeclared.length > 1) {
			return disputed(selfDeclared.map((node) => ({ observer: name(node.address), value: node.address })));
		}
		return { master: selfDeclared[0]?.address ?? null, disputes: [] };
	}
	const itself = data.find((node) => node.address === one);
	if (itself?.info?.role === "slave") {
		return disputed([{ observer: name(one), value: canonical(sourceOf(itself.info) ?? "another") }]);
	}
	const others = selfDeclared.filter((node) => node.address !== one);
	if (says.length * 2 <= sentinels.length && others.length > 0) {
		return disputed(others.map((node) => ({ observer: name(node.address), value: node.address })));
	}
	return { master: one, disputes: [] };
}

interface Around {
	sentinels: SentinelReading[];
	canonical: (address: string) => string;
	name: (address: string) => string;
}

function dataMember(node: DataReading, around: Around & { verdict: Verdict; master: DataReading | undefined }): Member {
	const { verdict, master, sentinels, canonical, name } = around;
	const says = node.info?.role;
	const stray = says === "master" && verdict.disputes.length === 0 && node.address !== verdict.master;
	const role = stray ? "stray" : node.address === verdict.master || says === "master" ? "master" : "replica";
	const source = sourceOf(node.info);
	const linkDown = says === "slave" && node.info?.master_link_status !== "up";
	const detail =
		node.trouble ??
		(stray
			? `calls itself master, but the Sentinels name ${verdict.master === null ? "another" : name(verdict.master)}`
			: linkDown
				? "replication link is down"
				: node.info?.loading === "1"
					? "loading its data"
					: undefined);
	const member: Member = {
		name: name(node.address),
		address: node.address,
		role,
		id: node.info?.run_id ?? null,
		health: node.info !== null ? "up" : node.answered ? "unknown" : "down",
		facts: dataFacts(node, { stray, sentinels, canonical, name }),
	};
	if (detail !== undefined) member.detail = detail;
	if (source !== null && says === "slave") member.follows = canonical(source);
	const lag = replicationLag(node.info, master?.info ?? null);
	if (lag !== null) member.lag = lag;
	const sees = seenByData(node.info).map(canonical);
	if (sees.length > 0) member.sees = sees;
	return member;
}

/** A master sees the replicas that are online; a replica its master while the link is up. */
function seenByData(info: Record<string, string> | null): string[] {
	if (info === null) return [];
	if (info.role === "slave") {
		const source = sourceOf(info);
		return info.master_link_status === "up" && source !== null ? [source] : [];
	}
	return connectedReplicas(info);
}

/** Addresses of the replicas that a master's INFO lists. */
export function connectedReplicas(info: Record<string, string>): string[] {
	return Object.entries(info)
		.filter(([field]) => /^slave\d+$/.test(field))
		.map(([, value]) => parseInfoFields(value))
		.map((replica) => (replica.state === "online" ? addressOf(replica) : null))
		.filter((address) => address !== null);
}

function sentinelMember(node: SentinelReading, around: Around & { masterSeenForMs: number | null }): Member {
	const { canonical } = around;
	const member: Member = {
		name: around.name(node.address),
		address: node.address,
		role: "sentinel",
		id: node.info?.run_id ?? null,
		health: node.info !== null ? "up" : node.answered ? "unknown" : "down",
		facts: sentinelFacts(node, around),
	};
	const detail = node.trouble ?? (node.info?.sentinel_tilt === "1" ? "in TILT mode: it does not act" : undefined);
	if (detail !== undefined) member.detail = detail;
	const well = [node.master, ...node.replicas, ...node.sentinels].filter(
		(seen) => !/\b[so]_down\b|disconnected/.test(seen.flags ?? ""),
	);
	const sees = well.map(addressOf).filter((address) => address !== null);
	if (sees.length > 0) member.sees = [...new Set(sees.map(canonical))].sort(compareAddresses);
	return member;
}

/**
 * The same process may be known by several addresses (a host name in the configuration, a number from a Sentinel).
 * Its `run_id` shows that; the one that the configuration writes is kept.
 */
function canonicalAddresses(config: RedisConfig, readings: RedisReadings): (address: string) => string {
	const configured = new Set([
		...Object.values(config.nodes),
		...(config.sentinels ?? []),
		...(config.endpoints ?? []),
	]);
	const byId = new Map<string, string>();
	const all = [...readings.data, ...readings.sentinels].sort((a, b) => compareAddresses(a.address, b.address));
	for (const reading of [...all].sort(
		(a, b) => Number(configured.has(b.address)) - Number(configured.has(a.address)),
	)) {
		const id = reading.info?.run_id;
		if (id !== undefined && !byId.has(id)) byId.set(id, reading.address);
	}
	const alias = new Map<string, string>();
	for (const reading of all) {
		const kept = byId.get(reading.info?.run_id ?? "");
		if (kept !== undefined) alias.set(reading.address, kept);
	}
	return (address) => alias.get(address) ?? address;
}

function onceEach<Reading extends { address: string }>(
	readings: Reading[],
	canonical: (address: string) => string,
): Reading[] {
	return readings.filter((reading) => canonical(reading.address) === reading.address);
}

function displayName(config: RedisConfig, address: string): string {
	return Object.entries(config.nodes).find(([, at]) => at === address)?.[0] ?? address;
}

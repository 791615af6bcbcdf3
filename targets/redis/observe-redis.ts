import type { Topology } from "../../core/target.ts";
import type { ClusterObserver, Target, TargetHost } from "../target-kind.ts";
import type { RedisConfig } from "./redis-config.ts";
import { parseInfo } from "./redis-info.ts";
import { type RedisDoor, RedisLink, troublePhrase } from "./redis-link.ts";
import type { DataReading, SentinelReading } from "./redis-reading.ts";
import { type RedisReply, replyFields, replyText, replyTexts } from "./redis-reply.ts";
import { addressOf, composeRedisTopology, connectedReplicas, sourceOf } from "./redis-topology.ts";

/** A reading has two rounds (whom we know, whom they told us of), so that both fit into 3 s. */
const patienceMs = 1_200;
/** A node that did not answer last time is not waited for as long: the others' news matter more. */
const shortPatienceMs = 500;
/** Pause between two readings while somebody follows. */
const pauseMs = 700;
/** What makes a Sentinel's word change; heard at once, without waiting for the next reading. */
const channels = ["+switch-master", "+sdown", "-sdown", "+odown", "-odown", "+slave", "+reboot", "+convert-to-slave"];

/** Watches one set by connections of its own: all Sentinels and all data nodes, those they know of included. */
export function observeRedis(target: Target<RedisConfig>, host: TargetHost): ClusterObserver {
	return new RedisObserver(target, host);
}

class RedisObserver implements ClusterObserver {
	last: Topology | null = null;
	readonly #target: Target<RedisConfig>;
	readonly #host: TargetHost;
	readonly #links = new Map<string, Promise<RedisLink>>();
	readonly #ears = new Map<string, Promise<RedisLink> | null>();
	readonly #slow = new Set<string>();
	readonly #listeners = new Set<(topology: Topology) => void>();
	/** Addresses that Sentinels or masters named in the last reading. */
	#known: { data: Set<string>; sentinels: Set<string> } = { data: new Set(), sentinels: new Set() };
	#unreachableSince: Date | null = null;
	/** Each process's role as it was last seen, by run id, and when it was first seen to have changed to it. */
	readonly #roles = new Map<string, { role: string; since: number | null }>();
	#timer: NodeJS.Timeout | null = null;
	#polling = false;
	#again = false;
	#closed = false;
	#started = 0;
	#published = 0;

	constructor(target: Target<RedisConfig>, host: TargetHost) {
		this.#target = target;
		this.#host = host;
	}

	async read(): Promise<Topology> {
		const turn = ++this.#started;
		const { config } = this.#target;
		const data = new Map<string, DataReading>();
		const sentinels = new Map<string, SentinelReading>();
		const isSentinel = (address: string) =>
			(config.sentinels ?? []).includes(address) || this.#known.sentinels.has(address);
		const round = (dataAddresses: Iterable<string>, sentinelAddresses: Iterable<string>): Promise<unknown> =>
			Promise.all([
				...[...new Set(dataAddresses)]
					.filter((address) => !data.has(address))
					.map(async (address) => data.set(address, await this.#readData(address))),
				...[...new Set(sentinelAddresses)]
					.filter((address) => !sentinels.has(address))
					.map(async (address) => sentinels.set(address, await this.#readSentinel(address))),
			]);

		const configured = [...(config.endpoints ?? []), ...Object.values(config.nodes).filter((at) => !isSentinel(at))];
		await round(
			[...configured, ...this.#known.data].filter((address) => !isSentinel(address)),
			[...(config.sentinels ?? []), ...this.#known.sentinels],
		);
		const told = toldOf([...data.values()], [...sentinels.values()]);
		// A name of the configuration may turn out to be a Sentinel that only the others tell of.
		for (const address of told.sentinels) data.delete(address);
		await round(told.data, told.sentinels);

		const readings = { data: [...data.values()], sentinels: [...sentinels.values()] };
		const anyUp = [...readings.data, ...readings.sentinels].some((reading) => reading.info !== null);
		if (turn >= this.#published) {
			this.#published = turn;
			if (anyUp) this.#known = { data: told.data, sentinels: told.sentinels };
			this.#unreachableSince = anyUp ? null : (this.#unreachableSince ?? this.#host.now());
		}
		const topology = composeRedisTopology(
			this.#target,
			readings,
			this.#host.now(),
			anyUp ? null : (this.#unreachableSince ?? this.#host.now()),
		);
		if (turn === this.#published && !this.#closed) {
			this.last = topology;
			for (const listener of this.#listeners) listener(topology);
		}
		return topology;
	}

	follow(listener: (topology: Topology) => void): () => void {
		this.#listeners.add(listener);
		if (this.last) listener(this.last);
		void this.#poll();
		return () => {
			this.#listeners.delete(listener);
			if (this.#listeners.size === 0) this.#stopListening();
		};
	}

	async close(): Promise<void> {
		this.#closed = true;
		this.#listeners.clear();
		this.#stopListening();
		const links = [...this.#links.values()];
		this.#links.clear();
		// Not waited for: one that is just being opened may take its whole patience.
		for (const link of links) link.then((opened) => opened.close()).catch(() => {});
	}

	async #poll(): Promise<void> {
		if (this.#polling) {
			this.#again = true;
			return;
		}
		if (this.#timer) clearTimeout(this.#timer);
		this.#timer = null;
		if (this.#closed || this.#listeners.size === 0) return;
		this.#polling = true;
		this.#again = false;
		try {
			this.#listen();
			await this.read();
		} finally {
			this.#polling = false;
		}
		if (this.#closed || this.#listeners.size === 0) return;
		this.#timer = setTimeout(() => void this.#poll(), this.#again ? 50 : pauseMs);
	}

	/** Keeps one subscribed connection to each Sentinel; a lost one is opened anew with the next reading. */
	#listen(): void {
		for (const address of [...(this.#target.config.sentinels ?? []), ...this.#known.sentinels]) {
			if (this.#ears.has(address)) continue;
			const opening = RedisLink.open(this.#target, "sentinel", address, this.#host, patienceMs);
			this.#ears.set(address, opening);
			const forget = () => {
				if (this.#ears.get(address) === opening) this.#ears.delete(address);
			};
			opening.then((link) => {
				if (this.#closed || this.#ears.get(address) !== opening) return link.close();
				link.onLost = forget;
				link.onPush = () => void this.#poll();
				link.call(["SUBSCRIBE", ...channels]).catch(() => link.close());
			}, forget);
		}
	}

	#stopListening(): void {
		if (this.#timer) clearTimeout(this.#timer);
		this.#timer = null;
		const ears = [...this.#ears.values()];
		this.#ears.clear();
		for (const ear of ears) ear?.then((link) => link.close()).catch(() => {});
	}

	async #readData(address: string): Promise<DataReading> {
		const asked = await this.#ask("data", address, [["INFO"]]);
		const info = infoOf(asked.replies[0]);
		const trouble = asked.trouble ?? (info === null ? refusalOf(asked.replies[0]) : undefined);
		const masterSeenForMs = this.#sawRole(info);
		return {
			address,
			info,
			answered: asked.answered,
			...(trouble !== undefined && { trouble }),
			...(masterSeenForMs !== null && { masterSeenForMs }),
		};
	}

	/** Remembers a node's role; gives how long ago a replica was first seen to be a master, null when that was not seen. */
	#sawRole(info: Record<string, string> | null): number | null {
		const { run_id: id, role } = info ?? {};
		if (id === undefined || role === undefined) return null;
		const before = this.#roles.get(id);
		const now = this.#host.now().getTime();
		const seen = before?.role === role ? before : { role, since: before ? now : null };
		this.#roles.set(id, seen);
		return role === "master" && seen.since !== null ? now - seen.since : null;
	}

	async #readSentinel(address: string): Promise<SentinelReading> {
		const set = this.#target.config.masterName ?? "";
		const asked = await this.#ask("sentinel", address, [
			["INFO"],
			["SENTINEL", "GET-MASTER-ADDR-BY-NAME", set],
			["SENTINEL", "MASTER", set],
			["SENTINEL", "REPLICAS", set],
			["SENTINEL", "SENTINELS", set],
		]);
		const [infoReply, addr, master, replicas, others] = asked.replies;
		const info = infoOf(infoReply);
		const [ip, port] = replyTexts(addr);
		const saysMaster = typeof ip === "string" && typeof port === "string" ? addressOf({ ip, port }) : null;
		const trouble =
			asked.trouble ??
			(info === null ? refusalOf(infoReply) : saysMaster === null ? `does not watch ${set}` : undefined);
		return {
			address,
			info,
			answered: asked.answered,
			saysMaster,
			master: replyFields(master),
			replicas: replicas?.kind === "array" ? replicas.items.map(replyFields) : [],
			sentinels: others?.kind === "array" ? others.items.map(replyFields) : [],
			...(trouble !== undefined && { trouble }),
		};
	}

	/** Asks over a kept connection, within the node's patience. A broken one is replaced once at the next reading. */
	async #ask(
		door: RedisDoor,
		address: string,
		commands: string[][],
	): Promise<{ replies: RedisReply[]; answered: boolean; trouble?: string }> {
		const key = `${door} ${address}`;
		const patience = this.#slow.has(key) ? shortPatienceMs : patienceMs;
		try {
			const deadline = performance.now() + patience;
			const link = await this.#link(key, door, address, patience);
			const left = Math.max(1, deadline - performance.now());
			const replies = await Promise.all(commands.map((command) => link.callWithin(command, left)));
			this.#slow.delete(key);
			return { replies, answered: true };
		} catch (error) {
			const trouble = troublePhrase(error);
			this.#links.delete(key);
			if (trouble === "no answer") this.#slow.add(key);
			return { replies: [], answered: trouble === "wrong credentials", trouble };
		}
	}

	async #link(key: string, door: RedisDoor, address: string, patience: number): Promise<RedisLink> {
		const kept = this.#links.get(key);
		const link = await kept?.catch(() => null);
		if (link && !link.closed) return link;
		if (kept !== undefined && this.#links.get(key) === kept) this.#links.delete(key);
		const opening = this.#links.get(key) ?? RedisLink.open(this.#target, door, address, this.#host, patience);
		this.#links.set(key, opening);
		const opened = await opening;
		if (this.#closed) opened.close();
		return opened;
	}
}

/** Whom the answers name: the Sentinels their set and each other, a master its replicas, a replica its master. */
function toldOf(data: DataReading[], sentinels: SentinelReading[]): { data: Set<string>; sentinels: Set<string> } {
	const told = { data: new Set<string>(), sentinels: new Set<string>() };
	const add = (to: Set<string>, address: string | null) => address !== null && to.add(address);
	for (const sentinel of sentinels) {
		add(told.data, sentinel.saysMaster);
		for (const replica of sentinel.replicas) add(told.data, addressOf(replica));
		for (const other of sentinel.sentinels) add(told.sentinels, addressOf(other));
	}
	for (const node of data) {
		if (node.info === null) continue;
		if (node.info.role === "slave") add(told.data, sourceOf(node.info));
		else for (const replica of connectedReplicas(node.info)) add(told.data, replica);
	}
	return told;
}

function infoOf(reply: RedisReply | undefined): Record<string, string> | null {
	return reply?.kind === "bulk" ? parseInfo(replyText(reply) ?? "") : null;
}

function refusalOf(reply: RedisReply | undefined): string {
	return reply?.kind === "error" ? reply.text.slice(0, 200) : "an unexpected answer";
}

import { Redis } from "ioredis";
import { splitAddress } from "../../core/target.ts";
import type { Target, TargetHost } from "../target-kind.ts";
import type { RedisConfig } from "./redis-config.ts";
import { RedisLink, tlsFiles, troublePhrase } from "./redis-link.ts";
import { replyTexts } from "./redis-reply.ts";
import { addressOf } from "./redis-topology.ts";

/** A write that takes longer than this is given up: whether it happened is not known. */
const writeWithinMs = 1_000;
/** An oracle shall notice the end of an outage soon, also when the old master is frozen and lets each try wait. */
const oracleWithinMs = 400;

/** What became of one write. `unknown`: no reply came, it may have happened. */
export type WriteOutcome = { outcome: "acked" } | { outcome: "failed" | "unknown"; error: string };

/** One way to reach the master. */
export interface ProbeWriter {
	write(key: string, n: number): Promise<WriteOutcome>;
	close(): Promise<void>;
}

/**
 * The client that an application has: one connection that stays until it breaks, or, when `followsSentinel`,
 * until a Sentinel announces another master. Without that a frozen master is never left, and after a planned failover
 * the old one is written to until Sentinel demotes it, about ten seconds later.
 */
export async function clientWriter(
	target: Target<RedisConfig>,
	host: TargetHost,
	followsSentinel: boolean,
): Promise<ProbeWriter> {
	const { config } = target;
	const secretOf = (source: RedisConfig["password"]) => (source === undefined ? undefined : host.readSecret(source));
	const addresses = (list: readonly string[]) =>
		list.map((address) => {
			const [written, port] = splitAddress(address);
			return { host: written.replace(/^\[|\]$/g, ""), port };
		});
	const redis = new Redis({
		...(config.sentinels !== undefined
			? {
					sentinels: addresses(config.sentinels),
					name: config.masterName,
					sentinelUsername: config.sentinelUser,
					sentinelPassword: secretOf(config.sentinelPassword),
					enableTLSForSentinelMode: config.tls !== undefined,
					...(config.sentinelTls !== undefined && { sentinelTLS: tlsFiles(config.sentinelTls) }),
					failoverDetector: followsSentinel,
					sentinelRetryStrategy: () => 100,
					sentinelReconnectStrategy: () => 200,
					sentinelCommandTimeout: 1_000,
				}
			: addresses(config.endpoints ?? [])[0]),
		...(config.tls !== undefined && { tls: tlsFiles(config.tls) }),
		username: config.user,
		password: secretOf(config.password),
		protocol: 2,
		disableClientInfo: true,
		connectTimeout: 1_000,
		commandTimeout: writeWithinMs,
		retryStrategy: () => 50,
		// Each write is accounted for once: what was under way when the connection broke is not sent again behind our back.
		autoResendUnfulfilledCommands: false,
		enableOfflineQueue: false,
		maxRetriesPerRequest: null,
		reconnectOnError: (error) => error.message.startsWith("READONLY"),
		lazyConnect: true,
	});
	redis.on("error", () => {});
	let closed = false;
	// When a Sentinel announces the new master just while the client connects, ioredis gives up for good and says "end";
	// an application would be started anew then.
	redis.on("end", () => {
		if (!closed) setTimeout(() => redis.connect().catch(() => {}), 50);
	});
	await redis.connect().catch(() => {});
	return {
		async write(key, n) {
			if (redis.status !== "ready") return { outcome: "failed", error: "not connected" };
			try {
				await redis.setbit(key, n, 1);
				return { outcome: "acked" };
			} catch (error) {
				const message = (error as Error).message;
				const refused = (error as Error).name === "ReplyError" || /Stream isn't writeable/.test(message);
				return { outcome: refused ? "failed" : "unknown", error: message.slice(0, 120) };
			}
		},
		async close() {
			closed = true;
			redis.disconnect();
		},
	};
}

/** Asks a Sentinel for the master before each write, and starts anew with the next Sentinel after each error. */
export function oracleWriter(target: Target<RedisConfig>, host: TargetHost): ProbeWriter {
	const sentinels = target.config.sentinels ?? [];
	let turn = 0;
	let sentinel: RedisLink | null = null;
	let master: RedisLink | null = null;
	const drop = () => {
		sentinel?.close();
		master?.close();
		sentinel = null;
		master = null;
		turn += 1;
	};
	const lookUp = async (): Promise<string> => {
		if (sentinels.length === 0) return target.config.endpoints?.[turn % target.config.endpoints.length] ?? "";
		const at = sentinels[turn % sentinels.length] ?? "";
		sentinel ??= await RedisLink.open(target, "sentinel", at, host, 500);
		const reply = await sentinel.callWithin(
			["SENTINEL", "GET-MASTER-ADDR-BY-NAME", target.config.masterName ?? ""],
			500,
		);
		const [ip, port] = replyTexts(reply);
		const address = typeof ip === "string" && typeof port === "string" ? addressOf({ ip, port }) : null;
		if (address === null) throw new Error("no master is known");
		return address;
	};
	return {
		async write(key, n) {
			let sent = false;
			try {
				const address = await lookUp();
				if (master?.address !== address || master.closed) {
					master?.close();
					master = await RedisLink.open(target, "data", address, host, 500);
				}
				sent = true;
				const reply = await master.callWithin(["SETBIT", key, String(n), "1"], oracleWithinMs);
				if (reply.kind !== "error") return { outcome: "acked" };
				drop();
				return { outcome: "failed", error: reply.text.slice(0, 120) };
			} catch (error) {
				drop();
				return { outcome: sent ? "unknown" : "failed", error: troublePhrase(error) };
			}
		},
		async close() {
			drop();
		},
	};
}

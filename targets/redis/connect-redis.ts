import { ProblemError } from "../../core/problem.ts";
import type { PlanNode } from "../../core/target.ts";
import type { Target, TargetHost } from "../target-kind.ts";
import type { RedisConfig } from "./redis-config.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { parseInfo } from "./redis-info.ts";
import { RedisLink } from "./redis-link.ts";
import { type RedisReply, replyText } from "./redis-reply.ts";
import type { ReplyBounds } from "./resp-reader.ts";

/** Connecting, authenticating and asking who is there take no longer than this together. */
const connectWithinMs = 5_000;

/** What one reply to a step may be. It is in memory as a whole, as wire bytes and as values. */
const boundsOfStep: ReplyBounds = { bytes: 16 * 2 ** 20, items: 1_000_000 };

/** Connects to exactly the planned process: `node-changed` when another one answers there, `target-unreachable` when none does. */
export async function connectRedis(
	target: Target<RedisConfig>,
	node: PlanNode,
	host: TargetHost,
): Promise<RedisConnection> {
	const started = performance.now();
	const door = node.role === "sentinel" ? "sentinel" : "data";
	const link = await RedisLink.open(target, door, node.address, host, connectWithinMs, boundsOfStep);
	try {
		const left = Math.max(1, connectWithinMs - (performance.now() - started));
		const reply = await link.callWithin(["INFO", "server"], left);
		const runId = reply.kind === "bulk" ? parseInfo(replyText(reply) ?? "").run_id : undefined;
		if (runId === undefined) {
			const said = reply.kind === "error" ? reply.text : "its INFO has no run_id";
			throw new ProblemError("target-unreachable", `${node.address} does not say who it is: ${said}`, {
				next: "Allow INFO to the configured user, and check that the address is a Redis server.",
			});
		}
		if (node.id !== null && runId !== node.id) {
			throw new ProblemError(
				"node-changed",
				`${node.name} (${node.address}) was process ${short(node.id)} when this was planned, and is ${short(runId)} now.`,
			);
		}
		return overLink(link, runId);
	} catch (error) {
		link.close();
		throw error;
	}
}

function short(runId: string): string {
	return runId.slice(0, 8);
}

function overLink(link: RedisLink, runId: string): RedisConnection {
	return {
		runId,
		async call(argv: readonly string[], signal?: AbortSignal): Promise<RedisReply> {
			signal?.throwIfAborted();
			if (signal === undefined) return link.call(argv);
			const giveUp = () => link.close(new Error("given up"));
			signal.addEventListener("abort", giveUp, { once: true });
			try {
				return await link.call(argv);
			} catch (error) {
				signal.throwIfAborted();
				throw error;
			} finally {
				signal.removeEventListener("abort", giveUp);
			}
		},
		async commandFlags(names) {
			const flags = new Map<string, readonly string[] | null>();
			if (names.length === 0) return flags;
			const reply = await link.callWithin(["COMMAND", "INFO", ...names], connectWithinMs);
			names.forEach((name, at) => {
				const entry = reply.kind === "array" ? reply.items[at] : undefined;
				const list = entry?.kind === "array" ? entry.items[2] : undefined;
				flags.set(name, list?.kind === "array" ? list.items.map((flag) => replyText(flag) ?? "") : null);
			});
			return flags;
		},
		async close() {
			link.close();
		},
	};
}

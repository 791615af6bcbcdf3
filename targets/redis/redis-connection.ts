import type { NodeConnection } from "../target-kind.ts";
import type { RedisReply } from "./redis-reply.ts";

/** A direct connection to one Redis or Sentinel process. It never retries, reconnects or follows a failover. */
export interface RedisConnection extends NodeConnection {
	/**
	 * Sends one command and gives its reply; an error reply is a value (`kind: "error"`), also for the command itself.
	 * Calls may overlap: replies come in order. Without a time limit of its own: abort the signal to give up, which
	 * closes the connection, because a reply that comes later could not be told from the next one's.
	 * Throws `target-unreachable` when the connection is lost; then the command may have happened. Throws `output-limit`
	 * and closes the connection at a reply of more than 16 MiB, 1,000,000 values or 32 levels.
	 */
	call(argv: readonly string[], signal?: AbortSignal): Promise<RedisReply>;
	/** The server's flags of each command (`readonly`, `write` ...), by the name as given; null for one it doesn't know. `config|get` names a subcommand. */
	commandFlags(names: readonly string[]): Promise<ReadonlyMap<string, readonly string[] | null>>;
	/** What the server says of itself: `run_id`, checked against the plan. */
	readonly runId: string;
}

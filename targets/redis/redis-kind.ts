import type { TargetKind } from "../target-kind.ts";
import { connectRedis } from "./connect-redis.ts";
import { observeRedis } from "./observe-redis.ts";
import { type RedisConfig, redisConfig } from "./redis-config.ts";
import type { RedisConnection } from "./redis-connection.ts";

/** Redis sets, watched by Sentinel or plain: roles `master`, `replica`, `sentinel`, and `stray` for a second master. */
export const redisKind: TargetKind<RedisConfig, RedisConnection> = {
	kind: "redis",
	defaultRole: "master",
	config: redisConfig,
	connect: connectRedis,
	observe: observeRedis,
	credentials: ({ config: { password, sentinelPassword } }) =>
		[password, sentinelPassword].filter((source) => source !== undefined),
	secrets({ config: { password, sentinelPassword } }, host) {
		const secrets: Record<string, string> = {};
		for (const [what, source] of Object.entries({ password, sentinelPassword })) {
			try {
				if (source !== undefined) secrets[what] = host.readSecret(source);
			} catch {
				// What can't be read signs nobody in either; whoever connects is told.
			}
		}
		return secrets;
	},
	attributes: (target) => (target.config.masterName === undefined ? {} : { masterName: target.config.masterName }),
};

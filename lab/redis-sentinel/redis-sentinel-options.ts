import { z } from "zod";

/** Options of a Redis Sentinel lab. Times in milliseconds. */
export const redisSentinelOptions = z.strictObject({
	/** Data nodes are called `<prefix>-1` to `<prefix>-3`; the first is the original master. */
	prefix: z
		.string()
		.regex(/^[A-Za-z][A-Za-z0-9-]{0,30}$/)
		.default("cache"),
	/** The name by which the Sentinels know the set; the lab's own name unless told. */
	masterName: z
		.string()
		.regex(/^[A-Za-z0-9._-]{1,60}$/)
		.optional(),
	/** A silent master is taken for down after this long. */
	downAfterMs: z.coerce.number().int().min(200).max(60_000).default(1_000),
	/** Sentinel waits twice this long before it tries another failover of the same master. */
	failoverTimeoutMs: z.coerce.number().int().min(1_000).max(180_000).default(6_000),
	/** The master refuses writes with fewer replicas than this; 0 is Redis' default. */
	minReplicasToWrite: z.coerce.number().int().min(0).max(2).default(0),
	/** ACL user and password on data nodes, other credentials on Sentinels, `default` switched off. */
	auth: z.union([z.boolean(), z.stringbool()]).default(false),
	/** TLS on every port, with certificates on both sides. */
	tls: z.union([z.boolean(), z.stringbool()]).default(false),
	/** Keys that are written at the start. */
	keys: z.coerce.number().int().min(0).max(1_000_000).default(1_000),
});

export type RedisSentinelOptions = z.output<typeof redisSentinelOptions>;

import { z } from "zod";

const address = z
	.string()
	.max(255)
	.regex(/^(\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]+):\d{1,5}$/, "write it as host:port");

const secret = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })]);

const tls = z.strictObject({
	/** Files in PEM. Without `ca` the system's roots are trusted. */
	ca: z.string().optional(),
	/** The client's own certificate and key, for servers that ask for one. */
	cert: z.string().optional(),
	key: z.string().optional(),
	/** The name the certificate must have, when it is not the host of the address. */
	servername: z.string().optional(),
});

/** The `redis` part of a target: a set watched by Sentinel, or plain `endpoints` without one. */
export const redisConfig = z
	.strictObject({
		sentinels: z.array(address).min(1).max(32).optional(),
		/** The name by which the Sentinels know the set. */
		masterName: z
			.string()
			.regex(/^[A-Za-z0-9._-]{1,128}$/, "letters, digits, dot, dash and underscore")
			.optional(),
		endpoints: z.array(address).min(1).max(64).optional(),
		/** Display name -> address, for data nodes and Sentinels alike. */
		nodes: z.record(z.string().regex(/^[^\s/]{1,255}$/), address).default({}),
		user: z.string().min(1).optional(),
		password: secret.optional(),
		sentinelUser: z.string().min(1).optional(),
		sentinelPassword: secret.optional(),
		tls: tls.optional(),
		sentinelTls: tls.optional(),
	})
	.superRefine((config, context) => {
		if ((config.sentinels === undefined) === (config.endpoints === undefined)) {
			context.addIssue({ code: "custom", message: "give either `sentinels` and `masterName`, or `endpoints`" });
		}
		if (config.sentinels !== undefined && config.masterName === undefined) {
			context.addIssue({ code: "custom", path: ["masterName"], message: "`sentinels` need a `masterName`" });
		}
		for (const [user, password] of [
			["user", "password"],
			["sentinelUser", "sentinelPassword"],
		] as const) {
			if (config[user] !== undefined && config[password] === undefined) {
				context.addIssue({ code: "custom", path: [password], message: `\`${user}\` needs a \`${password}\`` });
			}
		}
	});

export type RedisConfig = z.output<typeof redisConfig>;
export type RedisTls = z.output<typeof tls>;

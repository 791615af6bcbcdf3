import { splitAddress } from "../../core/target.ts";
import { createReadSecret } from "../../server/config-secrets.ts";
import type { RedisConfig } from "../../targets/redis/redis-config.ts";
import { RedisLink } from "../../targets/redis/redis-link.ts";
import { type RedisReply, replyText } from "../../targets/redis/redis-reply.ts";
import type { TestLab } from "./open-lab.ts";

/** One node of a lab, spoken to behind the engine's back. */
export interface RedisNode {
	name: string;
	address: string;
	host: string;
	port: number;
	/** Sends one command; an error reply throws. */
	call(...argv: string[]): Promise<RedisReply>;
	/** A field of INFO. */
	info(field: string): Promise<string | undefined>;
}

/** The node of a lab by its name, e.g. `cache-1` or `sentinel-3`. */
export function redisNode(lab: TestLab, name: string): RedisNode {
	const config = lab.target.config as RedisConfig;
	const address = config.nodes[name];
	if (address === undefined) throw new Error(`the lab has no ${name}`);
	const door = name.startsWith("sentinel") ? "sentinel" : "data";
	const [host, port] = splitAddress(address);
	const surroundings = { now: () => new Date(), readSecret: createReadSecret({}) };
	async function call(...argv: string[]): Promise<RedisReply> {
		const link = await RedisLink.open(lab.target as never, door, address ?? "", surroundings, 2_000);
		try {
			const reply = await link.callWithin(argv, 5_000);
			if (reply.kind === "error") throw new Error(`${name}: ${reply.text}`);
			return reply;
		} finally {
			link.close();
		}
	}
	return {
		name,
		address,
		host,
		port,
		call,
		async info(field) {
			const text = replyText(await call("INFO", "everything")) ?? "";
			return new RegExp(`^${field}:(.*?)\r?$`, "m").exec(text)?.[1];
		},
	};
}

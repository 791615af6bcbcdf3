import type { RedisConfig } from "../../targets/redis/redis-config.ts";
import { RedisLink } from "../../targets/redis/redis-link.ts";
import type { Target, TargetHost } from "../../targets/target-kind.ts";

const atOnce = 500;

/** Writes `keys` keys of several types, the same ones each time: orders as hashes, baskets as lists, sessions as strings. */
export async function seedRedis(
	target: Target<RedisConfig>,
	master: string,
	host: TargetHost,
	keys: number,
): Promise<void> {
	const link = await RedisLink.open(target, "data", master, host, 2_000);
	try {
		for (let from = 0; from < keys; from += atOnce) {
			const commands = Array.from({ length: Math.min(atOnce, keys - from) }, (_, at) => seedCommand(from + at));
			for (const reply of await Promise.all(commands.map((command) => link.callWithin(command, 10_000)))) {
				if (reply.kind === "error") throw new Error(`seeding failed: ${reply.text}`);
			}
		}
	} finally {
		link.close();
	}
}

function seedCommand(n: number): string[] {
	if (n % 10 === 9) return ["RPUSH", `basket:${n}`, `article-${n % 97}`, `article-${n % 89}`];
	if (n % 10 === 8) return ["SET", `session:${n}`, `customer-${n % 311}`];
	return [
		"HSET",
		`order:${n}`,
		"customer",
		`customer-${n % 311}`,
		"cents",
		String((n * 7919) % 100_000),
		"state",
		"paid",
	];
}

import { expect, it } from "vitest";
import type { RedisReply } from "../../targets/redis/redis-reply.ts";
import { withoutSecrets } from "./without-secrets.ts";

const bulk = (text: string): RedisReply => ({ kind: "bulk", bytes: new TextEncoder().encode(text) });
const list = (...texts: string[]): RedisReply => ({ kind: "array", items: texts.map(bulk) });

it.each([
	[["sentinel", "config", "get", "*"], "sentinel-pass"],
	[["CONFIG", "GET", "requirepass"], "requirepass"],
	[["config", "get", "*"], "masterauth"],
	[["CONFIG", "GET", "tls*"], "tls-key-file-pass"],
	[["CONFIG", "GET", "tls*"], "tls-client-key-file-pass"],
])("%j tells no %s, and what is none as it is", (argv, name) => {
	const reply = list("port", "6379", name, "a-password");
	expect(withoutSecrets(argv, reply)).toEqual(list("port", "6379", name, "********"));
	expect(withoutSecrets(argv, list(name, ""))).toEqual(list(name, ""));
	expect(withoutSecrets(["LRANGE", "list", "0", "-1"], reply)).toEqual(reply);
});

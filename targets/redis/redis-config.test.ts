import { describe, expect, it } from "vitest";
import { redisConfig } from "./redis-config.ts";

describe("a redis target's configuration", () => {
	it("takes a Sentinel set with all of its credentials by reference", () => {
		const config = {
			sentinels: ["10.0.0.1:26379", "[::1]:26379"],
			masterName: "orders",
			nodes: { "cache-1": "10.0.0.1:6379" },
			user: "operator",
			password: { env: "ORDERS_PASSWORD" },
			sentinelUser: "operator",
			sentinelPassword: { file: "/run/secrets/sentinel" },
			tls: { ca: "/etc/ca.crt", servername: "cache.internal" },
		};
		expect(redisConfig.parse(config)).toEqual(config);
	});

	it.each([
		["a password that is written out", { endpoints: ["a:1"], password: "secret" }],
		["neither Sentinels nor endpoints", { nodes: {} }],
		["both Sentinels and endpoints", { sentinels: ["a:1"], masterName: "x", endpoints: ["a:2"] }],
		["Sentinels without the name of their set", { sentinels: ["a:1"] }],
		["an address without a port", { endpoints: ["a"] }],
		["a user without a password", { endpoints: ["a:1"], user: "x" }],
		["a field that it does not know", { endpoints: ["a:1"], pasword: { env: "X" } }],
	])("refuses %s", (_what, config) => {
		expect(redisConfig.safeParse(config).success).toBe(false);
	});
});

import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["{core,targets,steps,lab,server,client,test}/**/*.test.{ts,tsx}"],
		// Many of them start processes: beside other work each takes several times as long as alone.
		testTimeout: 90_000,
		hookTimeout: 60_000,
		expect: { poll: { timeout: 20_000 } },
		maxWorkers: 4,
		pool: "forks",
	},
});

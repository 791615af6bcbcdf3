import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["{core,targets,steps,lab,server,client,test}/**/*.test.{ts,tsx}"],
		testTimeout: 90_000,
		hookTimeout: 60_000,
		// A second, which it is otherwise, is not always enough beside other work.
		expect: { poll: { timeout: 20_000 } },
		maxWorkers: 4,
		pool: "forks",
	},
});

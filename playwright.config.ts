import { defineConfig } from "@playwright/test";

const isRoot = process.getuid?.() === 0;

/** Browser tests drive the built product on the system's Chromium; each starts the server and the lab that it needs. */
export default defineConfig({
	testDir: "test/browser",
	testMatch: "**/*.spec.ts",
	outputDir: "test-results",
	fullyParallel: false,
	workers: 2,
	retries: 0,
	timeout: 180_000,
	expect: { timeout: 30_000 },
	reporter: "list",
	use: {
		browserName: "chromium",
		// Of what never comes it is said where it was waited for.
		actionTimeout: 60_000,
		// A trace takes a third of the time; `--trace retain-on-failure` makes one where a failure is to be looked into.
		trace: "off",
		screenshot: "only-on-failure",
		launchOptions: {
			executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
			// Chromium's own sandbox refuses to start as root.
			args: isRoot ? ["--no-sandbox"] : [],
		},
	},
});

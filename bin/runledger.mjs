#!/usr/bin/env node
/*
 * What `npx runledger` starts. It stands here before anything is built: npm links only what exists, and remembers for good
 * what it has not linked.
 */
import { existsSync } from "node:fs";

const cli = new URL("../dist/server/cli.js", import.meta.url);
if (existsSync(cli)) await import(cli.href);
else {
	console.error("not-built: Runledger is not built yet. Run `npm run build` (or `npm run demo`), then this again.");
	process.exitCode = 2;
}

import { readFileSync } from "node:fs";
import { pino } from "pino";
import type { Surroundings } from "../engine.ts";

/** Reads what the process knows of itself. The log goes to standard error; standard output is for answers. */
export function surroundings(level: "silent" | "warn" | "info"): Surroundings {
	return {
		env: process.env,
		cwd: process.cwd(),
		platform: process.platform,
		version: packageVersion(),
		log: pino(
			{ level, base: null, redact: { paths: ["cookie", "token", "*.cookie", "*.token"], remove: true } },
			pino.destination({ fd: 2, sync: true }),
		),
	};
}

/** From the source (server/cli/) and from the build (dist/server/cli/) alike: the first parent that has the package. */
export function packageVersion(): string {
	for (const up of ["../../", "../../../"]) {
		try {
			const read = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), "utf8")) as {
				name?: string;
				version?: string;
			};
			if (read.name === "runledger" && read.version !== undefined) return read.version;
		} catch {
			// Not there: one further up.
		}
	}
	return "0.0.0";
}

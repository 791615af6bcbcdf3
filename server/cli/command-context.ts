import { targetKinds } from "../../targets/index.ts";
import { type Configuration, readConfiguration } from "../config.ts";
import type { Surroundings } from "../engine.ts";
import type { Output } from "./print.ts";

/** Options that every command has. */
export interface CommonOptions {
	data?: string;
	config?: string;
}

/** What a command works with. */
export interface CommandContext {
	output: Output;
	surroundings(level: "silent" | "warn" | "info"): Surroundings;
	/** Aborts when a person wants it to end. */
	signal: AbortSignal;
	/** The exit code of a command that has come to its end. */
	exit(code: 0 | 1 | 2 | 3): void;
}

/** The configuration of a command: its options before the environment before the file. */
export function configurationOf(
	options: CommonOptions & { host?: string; port?: number },
	around: Surroundings,
): Configuration {
	return readConfiguration({ ...options, env: around.env, cwd: around.cwd, kinds: targetKinds });
}

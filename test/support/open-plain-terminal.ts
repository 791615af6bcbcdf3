import { openRunTerminal, type RunTerminalOptions } from "../../server/terminals/open-run-terminal.ts";
import type { RunTerminalHandle } from "../../server/terminals/run-terminal.ts";
import { terminalPlatform } from "../../server/terminals/terminal-platform.ts";

const clock = { now: () => new Date(), monotonicMs: () => performance.now() };

/** A run's terminal of 80 x 24 on this machine's real clock, which nothing ends; `options` may say otherwise. */
export function openPlainTerminal(
	options: Pick<RunTerminalOptions, "run" | "recordings"> & Partial<RunTerminalOptions>,
): Promise<RunTerminalHandle> {
	return openRunTerminal({
		session: "s",
		signal: new AbortController().signal,
		platform: terminalPlatform(process.platform),
		clock,
		cols: 80,
		rows: 24,
		...options,
	});
}

/** Runs a script in it with a bash that reads nobody's start files. */
export function runBash(terminal: RunTerminalHandle, script: string, more: { channels?: number } = {}) {
	return terminal.spawn({
		file: "bash",
		args: ["--noprofile", "--norc", "-c", script],
		env: { PATH: process.env.PATH!, LANG: "C.UTF-8" },
		cwd: "/",
		...more,
	});
}

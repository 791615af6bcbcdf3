import { endProcesses } from "./end-processes.ts";
import type { FoundProcess, TerminalPlatform } from "./platform.ts";

/**
 * Ends what a server that died has left running: every process with the marker of one of these runs, and the rest of
 * their sessions. For a server's start, before anything runs. Gives what was ended.
 */
export async function endStrays(
	runs: ReadonlySet<string>,
	platform: TerminalPlatform,
	terminateMs = 2000,
): Promise<FoundProcess[]> {
	if (runs.size === 0) {
		return [];
	}
	return await endProcesses({
		leader: null,
		belongs: (process) => process.run !== null && runs.has(process.run),
		platform,
		grace: { interruptMs: 0, terminateMs },
	});
}

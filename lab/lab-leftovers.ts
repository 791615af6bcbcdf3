import { labMarker } from "./lab-folder.ts";
import { processPlatform } from "./process-platform.ts";

/**
 * Ends every process that carries a lab's marker, this one left out, and resolves when they are gone.
 * Gives how many there were. Throws when one is still there after 10 s.
 */
export async function endLeftovers(lab: string): Promise<number> {
	const ended = new Set<number>();
	for (let round = 0; round < 500; round++) {
		const found = processPlatform.withEnvironment(labMarker, lab);
		if (found.length === 0) return ended.size;
		for (const pid of found) {
			ended.add(pid);
			try {
				// SIGKILL ends a suspended process as well. The marker was read just now, so the number is still its own.
				process.kill(pid, "SIGKILL");
			} catch {
				// Gone already.
			}
		}
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	throw new Error(`processes of lab ${lab} do not end: ${processPlatform.withEnvironment(labMarker, lab).join(", ")}`);
}

import { closeSync, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ProblemError } from "../../core/problem.ts";

/** What fits into `sun_path` (unix(7)): 108 bytes on Linux, 104 on macOS, with its final zero. */
const longestAddress = 100;

/**
 * The address of a Unix socket's file, also where its path is too long for one: Linux reaches the folder through an open
 * descriptor. `release` gives that back once the socket is bound or connected.
 */
export function socketAddress(path: string, platform: string): { address: string; release(): void } {
	if (Buffer.byteLength(path) <= longestAddress) return { address: path, release() {} };
	if (platform !== "linux") {
		throw new ProblemError("config-invalid", `The data folder's path is too long for a socket: \`${dirname(path)}\`.`, {
			next: "Give a shorter one with --data.",
		});
	}
	const folder = openSync(dirname(path), "r");
	return { address: `/proc/self/fd/${folder}/${basename(path)}`, release: () => closeSync(folder) };
}

import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type FoundProcess, runMarker, type TerminalPlatform } from "./platform.ts";

/**
 * macOS, where engineers try things on laptops. Written from node-pty's own macOS sources and ps(1); the project's
 * machines are Linux, so this file has not been run by its tests.
 */
export const macosPlatform: TerminalPlatform = {
	// There is no setsid(1). The spawn begins the session, and node-pty's helper opens the terminal that is its
	// standard input, which makes it the controlling one (node-pty 1.1, src/unix/spawn-helper.cc: helper CWD FILE ARGS).
	leader: (file, args) => ({ file: spawnHelper(), args: ["", file, ...args], detached: true }),

	async processes() {
		// `sess` is a kernel address here, not a pid; the group and the marker are enough to find what is ours.
		const { stdout } = await promisify(execFile)(
			"ps",
			["-A", "-E", "-ww", "-o", "pid=,ppid=,pgid=,state=,lstart=,command="],
			{
				maxBuffer: 64 * 1024 * 1024,
			},
		);
		const found: FoundProcess[] = [];
		for (const line of stdout.split("\n")) {
			// `lstart` is five words: Thu Nov 18 01:33:33 2026.
			const fields = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+((?:\S+\s+){4}\S+)\s+(.*)$/.exec(line);
			if (fields === null || fields[4]!.startsWith("Z") || Number(fields[1]) === process.pid) {
				continue;
			}
			const marker = new RegExp(`(?:^|\\s)${runMarker}=(\\S+)`).exec(fields[6]!);
			found.push({
				pid: Number(fields[1]),
				parent: Number(fields[2]),
				name: fields[6]!.split(/\s/, 1)[0]!.split("/").at(-1)!,
				began: fields[5]!,
				group: Number(fields[3]),
				session: 0,
				run: marker?.[1] ?? null,
			});
		}
		return found;
	},
};

function spawnHelper(): string {
	const require = createRequire(import.meta.url);
	return join(dirname(require.resolve("node-pty/package.json")), `prebuilds/darwin-${process.arch}/spawn-helper`);
}

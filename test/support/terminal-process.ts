import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { FolderRecordingStore } from "../../server/records/folder-recording-store.ts";
import { createByteSocket } from "../../server/terminals/byte-socket.ts";
import type { RunTerminalHandle } from "../../server/terminals/run-terminal.ts";
import { createScreens } from "../../server/terminals/screens.ts";
import { openPlainTerminal } from "./open-plain-terminal.ts";

/** What the parent asks: `open` a terminal of this name, `run` a script in it and finish. */
export type TerminalProcessRequest = { ask: "open"; run: string } | { ask: "run"; run: string; script: string };

/** What it is told. Memory in bytes: before the script, and the highest seen while it ran. */
export type TerminalProcessReply =
	| { told: "listening"; port: number }
	| { told: "opened" }
	| { told: "finished"; outputBytes: number; recordedMs: number; rssBefore: number; rssHighest: number };

// A process with nothing but terminals and their socket, so that its memory and its time are those of the terminals.
const [folder] = process.argv.slice(2);
const store = await FolderRecordingStore.open(folder!);
const terminals = new Map<string, RunTerminalHandle>();
const door = createByteSocket({
	terminal: (run) => terminals.get(run) ?? null,
	screens: createScreens(() => performance.now()),
	monotonicMs: () => performance.now(),
	authorise: async () => ({ id: "bench", mayWatch: () => true, mayInput: () => false }),
});
const server = createServer().listen(0, "127.0.0.1");
server.on("upgrade", (request, socket, head) => void door.upgrade(request, socket, head));
server.on("listening", () => tell({ told: "listening", port: (server.address() as AddressInfo).port }));

function tell(reply: TerminalProcessReply): void {
	process.send!(reply);
}

process.on("disconnect", () => process.exit());
process.on("message", async (request: TerminalProcessRequest) => {
	if (request.ask === "open") {
		terminals.set(
			request.run,
			await openPlainTerminal({
				session: "bench",
				run: request.run,
				recordings: store,
				cols: 120,
				rows: 40,
				limits: { outputBytes: 1024 * 1024 * 1024 },
			}),
		);
		tell({ told: "opened" });
		return;
	}
	const terminal = terminals.get(request.run)!;
	const rssBefore = process.memoryUsage.rss();
	let rssHighest = rssBefore;
	const looking = setInterval(() => {
		rssHighest = Math.max(rssHighest, process.memoryUsage.rss());
	}, 50);
	const begin = performance.now();
	await terminal.spawn({
		file: "bash",
		args: ["-c", request.script],
		env: { PATH: process.env.PATH ?? "/usr/bin:/bin" },
		cwd: "/",
	});
	const recordedMs = performance.now() - begin;
	clearInterval(looking);
	const { outputBytes } = await terminal.finish(0);
	tell({ told: "finished", outputBytes, recordedMs, rssBefore, rssHighest });
});

import type { LabStatus } from "../../core/lab.ts";
import type { SessionSummary } from "../../core/protocol.ts";
import type { Engine } from "../engine.ts";
import type { Caller } from "../sessions/sessions.ts";
import type { LabPort } from "../socket/lab-port.ts";
import { runFile } from "./run-file.ts";
import type { RunFileRequest, RunFileResult, RunListener } from "./run-file-request.ts";

/** What the command line asks of a data folder: of the server that runs on it, or of the engine that it opens itself. */
export interface Desk {
	/** A fresh one-time link. Throws `server-not-running` when no server runs. */
	signIn(): Promise<string>;
	sessions(): Promise<SessionSummary[]>;
	/** Gives the absolute path of what was written. */
	exportTo(session: string, out: string): Promise<string>;
	run(request: RunFileRequest, listener: RunListener, signal: AbortSignal): Promise<RunFileResult>;
	labs: Pick<LabPort, "kinds" | "list" | "down" | "reset" | "fault" | "heal" | "logs"> & {
		up(kind: string, name: string, options?: Record<string, unknown>): Promise<LabStatus>;
	};
	close(): Promise<void>;
}

/** The desk of an engine. Reads and exports are recorded under the caller's name. */
export function engineDesk(
	engine: Engine,
	caller: Caller,
	parts: { signIn(): Promise<string>; labChanged(): void; close(): Promise<void> },
): Desk {
	const { labs, journal } = engine;

	async function recorded<T>(lab: string, change: string, detail: string, work: () => Promise<T>): Promise<T> {
		await journal.append(
			{ type: "lab.changed", data: { lab, change, detail: { content: detail } } },
			caller.identity,
			caller.origin,
		);
		try {
			return await work();
		} finally {
			engine.refreshTargets();
			parts.labChanged();
		}
	}

	return {
		signIn: parts.signIn,
		sessions: async () => engine.sessions.list(),
		async exportTo(session, out) {
			await journal.append({ type: "access.read", data: { what: "export", session } }, caller.identity, caller.origin);
			return engine.exportTo(session, out);
		},
		run: (request, listener, signal) => runFile(engine, request, caller, listener, signal),
		labs: {
			kinds: () => labs.kinds(),
			list: () => labs.list(),
			async up(kind, name, options) {
				await recorded(name, "up", kind, () => labs.up(kind, name, options));
				const status = (await labs.list()).find((lab) => lab.name === name);
				if (!status) throw new Error(`the lab ${name} is gone again`);
				return status;
			},
			down: (name) => recorded(name, "down", "", () => labs.down(name)),
			reset: (name) => recorded(name, "reset", "", () => labs.reset(name)),
			fault: (name, fault, node, seconds) =>
				recorded(name, `fault ${fault}`, node, () => labs.fault(name, fault, node, seconds)),
			heal: (name, node) => recorded(name, "heal", node ?? "", () => labs.heal(name, node)),
			logs: (name, node, lines) => labs.logs(name, node, lines),
		},
		close: parts.close,
	};
}

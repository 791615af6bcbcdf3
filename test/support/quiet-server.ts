import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { readConfiguration } from "../../server/config.ts";
import { type RunningServer, startServer } from "../../server/main.ts";
import { targetKinds } from "../../targets/index.ts";
import { type PlainAnswer, plainRequest } from "./plain-request.ts";
import { signInByLink } from "./server-process.ts";

/**
 * Starts a server in this process, on a free port and without a log, with `folder` as its working directory. `now` is the
 * clock of its sign-ins, in Unix milliseconds.
 */
export function startQuietServer(folder: string, data?: string, now = () => Date.now()): Promise<RunningServer> {
	const configuration = readConfiguration({ env: {}, cwd: folder, data, port: 0, kinds: targetKinds });
	return startServer(configuration, {
		env: { PATH: process.env.PATH },
		cwd: folder,
		platform: process.platform,
		version: "test",
		log: pino({ level: "silent" }),
		now,
	});
}

/** A quiet server on a data folder of its own. */
export interface QuietServer {
	server: RunningServer;
	/** Of someone who has signed in. */
	cookie: string;
	ask(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<PlainAnswer>;
	/** Stops it and removes its folder. */
	close(): Promise<void>;
}

export async function openQuietServer(): Promise<QuietServer> {
	const data = await mkdtemp(join(tmpdir(), "quiet-server-"));
	const server = await startQuietServer(data, data);
	return {
		server,
		cookie: await signInByLink(server.url, server.signIn(), "Ann"),
		ask: (method, path, headers = {}, body = "") => plainRequest(server.url, method, path, headers, body),
		async close() {
			await server.stop("test");
			await rm(data, { recursive: true, force: true });
		},
	};
}

import { pino } from "pino";
import { readConfiguration } from "../../server/config.ts";
import { type RunningServer, startServer } from "../../server/main.ts";
import { targetKinds } from "../../targets/index.ts";

/** Starts a server in this process, on a free port and without a log, with `folder` as its working directory. */
export function startQuietServer(folder: string, data?: string): Promise<RunningServer> {
	const configuration = readConfiguration({ env: {}, cwd: folder, data, port: 0, kinds: targetKinds });
	return startServer(configuration, {
		env: { PATH: process.env.PATH },
		cwd: folder,
		platform: process.platform,
		version: "test",
		log: pino({ level: "silent" }),
	});
}

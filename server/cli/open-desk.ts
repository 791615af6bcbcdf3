import { userInfo } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { ProblemError } from "../../core/problem.ts";
import type { Configuration } from "../config.ts";
import { type ControlPoint, isServing, remoteDesk } from "../control/control-client.ts";
import { type Desk, engineDesk } from "../control/desk.ts";
import { localCaller } from "../control/local-caller.ts";
import { openEngine, type Surroundings } from "../engine.ts";
import { dataFolderPaths } from "../records/data-folder.ts";

/** Where the server of a data folder would answer. */
export function controlPoint(configuration: Configuration, around: Surroundings): ControlPoint {
	return {
		path: dataFolderPaths(configuration.dataFolder).socket,
		platform: around.platform,
		person: { name: loginName(), userAgent: `runledger/${around.version}` },
	};
}

/** Another command that only lists or exports has the folder for less time than this: so many looks, so many milliseconds apart. */
const mostLooks = 50;
const betweenLooksMs = 100;

/**
 * The desk of the server that runs on the data folder; where none runs, the folder is opened by this process. One that
 * another process writes is waited for up to 5 s; then it throws `record-locked`.
 */
export async function openDesk(configuration: Configuration, around: Surroundings): Promise<Desk> {
	const point = controlPoint(configuration, around);
	for (let looks = 1; ; looks++) {
		if (await isServing(point)) return remoteDesk(point);
		try {
			const engine = await openEngine(configuration, around);
			return engineDesk(engine, localCaller(engine.signIns, point.person), {
				signIn: () => Promise.reject(new ProblemError("server-not-running")),
				labChanged: () => undefined,
				close: () => engine.close("the command has ended"),
			});
		} catch (error) {
			const isLocked = error instanceof ProblemError && error.problem.code === "record-locked";
			if (!isLocked || looks >= mostLooks) throw error;
		}
		await delay(betweenLooksMs);
	}
}

/** The name of whoever runs this process. */
export function loginName(): string {
	try {
		return userInfo().username.slice(0, 80) || "unknown";
	} catch {
		// A user id without an entry in the password file, as in containers.
		return `uid ${process.getuid?.() ?? "unknown"}`;
	}
}

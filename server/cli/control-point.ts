import { userInfo } from "node:os";
import type { Configuration } from "../config.ts";
import type { ControlPoint } from "../control/control-client.ts";
import type { Surroundings } from "../engine.ts";
import { dataFolderPaths } from "../records/data-folder.ts";

/** Where the server of a data folder would answer. */
export function controlPoint(configuration: Configuration, around: Surroundings): ControlPoint {
	return {
		path: dataFolderPaths(configuration.dataFolder).socket,
		platform: around.platform,
		person: { name: loginName(), userAgent: `runledger/${around.version}` },
	};
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

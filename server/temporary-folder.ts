import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";

/**
 * A folder for what steps need while they run, of this data folder alone. What a killed server has left of it, scripts
 * and environments of its steps, is removed first: only one server at a time has a data folder.
 */
export async function freshTemporaryFolder(parent: string, dataFolder: string): Promise<string> {
	const mark = createHash("sha256").update(dataFolder).digest("hex").slice(0, 16);
	const prefix = join(parent, `runledger-${mark}-`);
	for (const name of await readdir(parent)) {
		if (!name.startsWith(basename(prefix))) continue;
		// Of somebody else it stays: its name is no secret.
		await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
	}
	return mkdtemp(prefix);
}

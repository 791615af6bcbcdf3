import { chmod, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder (0700) and those above it that are missing. Step by step, because Node's own recursive way never ends
 * where a file system refuses with ENOENT to make anything, as /proc does. Throws the system's error.
 */
export async function makeFolder(path: string): Promise<void> {
	const missing: string[] = [];
	for (let at = path; !(await isThere(at)) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
	for (const folder of missing) {
		try {
			await mkdir(folder, { mode: 0o700 });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		}
	}
	if (missing.length > 0) await chmod(path, 0o700);
}

async function isThere(path: string): Promise<boolean> {
	try {
		await stat(path);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
		throw error;
	}
}

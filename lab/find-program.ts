import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The full path of a program on `path` (as the variable PATH), or null. */
export function findProgram(name: string, path: string): string | null {
	for (const folder of [...path.split(delimiter), "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"]) {
		if (folder === "") continue;
		const file = join(folder, name);
		try {
			accessSync(file, constants.X_OK);
			if (statSync(file).isFile()) return file;
		} catch {
			// Not here.
		}
	}
	return null;
}

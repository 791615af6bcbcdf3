import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** The absolute path of a program by its name on `path` (as PATH is written), or null. A name with a slash is a path already. */
export function findProgram(name: string, path: string): string | null {
	if (name.includes("/")) return isAbsolute(name) && isProgram(name) ? name : null;
	for (const folder of path.split(":")) {
		if (!isAbsolute(folder)) continue;
		const candidate = join(folder, name);
		if (isProgram(candidate)) return candidate;
	}
	return null;
}

function isProgram(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return statSync(path).isFile();
	} catch {
		return false;
	}
}

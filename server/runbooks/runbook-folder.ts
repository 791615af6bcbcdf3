import { readdir, realpath, stat } from "node:fs/promises";
import { extname, isAbsolute, join, relative, sep } from "node:path";
import { pictureTypes } from "./addresses.ts";

/** A configured folder of runbooks: a runbook's path is `name/path/in/folder.md`. */
export interface RunbookFolder {
	name: string;
	folder: string;
}

const maxDepth = 12;
const maxFiles = 5_000;

/** Whether a name belongs to tools and not to people: hidden files, packages. */
export function isSkipped(name: string): boolean {
	return name.startsWith(".") || name === "node_modules";
}

export function isMarkdown(name: string): boolean {
	return /\.(?:md|markdown)$/i.test(name);
}

/** Every Markdown file below a folder, as paths with `/` relative to it, sorted; links that lead out of it are left out. At most 5,000. */
export async function findMarkdown(folder: string): Promise<string[]> {
	const found: string[] = [];
	const walk = async (inside: string, depth: number): Promise<void> => {
		const entries = await readdir(join(folder, inside), { withFileTypes: true }).catch(() => []);
		for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
			if (found.length >= maxFiles || isSkipped(entry.name)) continue;
			const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
			if (entry.isDirectory()) {
				if (depth < maxDepth) await walk(path, depth + 1);
			} else if (isMarkdown(entry.name) && (await fileInside(folder, path)) !== null) found.push(path);
		}
	};
	await walk("", 0);
	return found;
}

/**
 * The real path of a regular file below a folder, or null: for `..`, absolute paths, NUL, backslashes, hidden names, links that
 * lead out of the folder, and whatever is not there. `path` has `/` and is decoded once; escapes in it are names, not paths.
 */
export async function fileInside(folder: string, path: string): Promise<string | null> {
	if (path === "" || /[\u0000\\]/.test(path) || isAbsolute(path)) return null;
	if (path.split("/").some((part) => part === "" || part === ".." || (part !== "." && isSkipped(part)))) return null;
	try {
		const root = await realpath(folder);
		const real = await realpath(join(root, ...path.split("/")));
		const inside = relative(root, real);
		if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return null;
		return (await stat(real)).isFile() ? real : null;
	} catch {
		return null;
	}
}

/**
 * The absolute path of a picture that a runbook shows, or null when there is none that may be shown.
 * `runbook` is the runbook's path, `file` the picture's address as the runbook has it, relative to the runbook.
 */
export async function resolveRunbookFile(
	folders: readonly RunbookFolder[],
	runbook: string,
	file: string,
): Promise<string | null> {
	const [name, ...rest] = runbook.split("/");
	const root = folders.find((folder) => folder.name === name);
	if (!root || rest.length === 0 || isAbsolute(file) || /[\u0000\\]/.test(file)) return null;
	if (!(pictureTypes as readonly string[]).includes(extname(file).toLowerCase())) return null;
	const parts = rest.slice(0, -1);
	for (const part of file.split("/")) {
		if (part === "" || part === ".") continue;
		if (part !== "..") parts.push(part);
		else if (parts.pop() === undefined) return null;
	}
	return await fileInside(root.folder, parts.join("/"));
}

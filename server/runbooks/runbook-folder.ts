import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { extname, isAbsolute, join, relative, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Problem, problem } from "../../core/problem.ts";
import { pictureTypes } from "./addresses.ts";

/** A configured folder of runbooks: a runbook's path is `name/path/in/folder.md`. */
export interface RunbookFolder {
	name: string;
	folder: string;
}

/** How much of a folder is taken in; what is beyond is left out with a problem. */
export const folderLimits = {
	/** Levels of folders. */
	depth: 12,
	/** Markdown files. */
	files: 5_000,
	/** Names of all kinds that are looked at. */
	names: 100_000,
	/** Of all its Markdown together. */
	bytes: 32 * 2 ** 20,
};

/** A tour of so many names lets others have their turn. */
const namesInOneGo = 500;

/** The Markdown of a folder, and what of it was left out. */
export interface FoundMarkdown {
	/** Paths with `/`, relative to the folder, in the order of names. */
	files: string[];
	problems: Problem[];
}

/** Whether a name belongs to tools and not to people: hidden files, packages. */
export function isSkipped(name: string): boolean {
	return name.startsWith(".") || name === "node_modules";
}

export function isMarkdown(name: string): boolean {
	return /\.(?:md|markdown)$/i.test(name);
}

/**
 * Every Markdown file below a folder; links that lead out of it are left out. What is beyond the limits is left out with a
 * `library-too-large` that names the folder, as `shown`, and where that begins.
 */
export async function findMarkdown(
	folder: string,
	{ shown = folder, limits = folderLimits }: { shown?: string; limits?: typeof folderLimits } = {},
): Promise<FoundMarkdown> {
	const files: string[] = [];
	const problems: Problem[] = [];
	const beyond = { files: 0, deep: 0, firstFile: "", firstDeep: "" };
	let names = 0;
	// Only folders are walked into, no links: a file that is one is inside, and needs no look at the disk.
	const isInside = async (entry: Dirent, path: string): Promise<boolean> =>
		(entry.isFile() && !path.includes("\\")) || (await fileInside(folder, path)) !== null;
	const walk = async (inside: string, depth: number): Promise<void> => {
		const entries = await readdir(join(folder, inside), { withFileTypes: true }).catch(() => []);
		for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
			if (isSkipped(entry.name)) continue;
			names += 1;
			if (names % namesInOneGo === 0) await setImmediate();
			const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
			if (names > limits.names) {
				if (names === limits.names + 1) {
					problems.push(
						tooLarge(shown, `more than ${limits.names} files and folders: from \`${path}\` on all is left out`),
					);
				}
				return;
			}
			if (entry.isDirectory()) {
				if (depth < limits.depth) await walk(path, depth + 1);
				else if (beyond.deep++ === 0) beyond.firstDeep = path;
			} else if (isMarkdown(entry.name)) {
				if (files.length >= limits.files) {
					if (beyond.files++ === 0) beyond.firstFile = path;
				} else if (await isInside(entry, path)) files.push(path);
			}
		}
	};
	await walk("", 0);
	if (beyond.files > 0) {
		const detail = `more than ${limits.files} Markdown files: ${beyond.files} left out, from \`${beyond.firstFile}\` on`;
		problems.push(tooLarge(shown, detail));
	}
	if (beyond.deep > 0) {
		const detail = `folders more than ${limits.depth} levels deep: ${beyond.deep} left out, the first is \`${beyond.firstDeep}\``;
		problems.push(tooLarge(shown, detail));
	}
	return { files, problems };
}

/** `what`: what it holds too much of, and what that leaves out. */
export function tooLarge(folder: string, what: string): Problem {
	return problem("library-too-large", `\`${folder}\` holds ${what}.`, { at: { file: folder, line: 1, column: 1 } });
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

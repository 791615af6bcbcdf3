import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import type { StepType } from "../../core/step-type.ts";
import { defaultRunbookLimits, parseRunbook, type RunbookLimits } from "./parse-runbook.ts";
import { findMarkdown } from "./runbook-folder.ts";

export interface CheckOptions {
	stepTypes: readonly StepType<any>[];
	limits?: RunbookLimits;
	/** What paths are relative to. */
	cwd: string;
	/** The configured folders of runbooks, absolute: what a file in one may show is the same, whoever names the file how. */
	folders?: readonly string[];
	/** Whether there is a cluster of this name; left out where no configuration says. */
	isTarget?(cluster: string): boolean;
}

/**
 * The problems of runbooks, in the order of the paths and of the lines. A path is a file, or a folder that is searched for
 * Markdown. Places name the files as they were given. What is not there is a problem too; throws `usage` for a path that is
 * neither, such as a named pipe.
 */
export async function checkPaths(paths: readonly string[], options: CheckOptions): Promise<Problem[]> {
	const { stepTypes, limits = defaultRunbookLimits, cwd, folders = [], isTarget } = options;
	const problems: Problem[] = [];
	for (const path of paths) {
		const kind = await stat(path).catch(() => null);
		if (kind === null) {
			problems.push(
				problem("runbook-not-found", `There is nothing at ${path}.`, { at: { file: path, line: 1, column: 1 } }),
			);
			continue;
		}
		// Opening a named pipe waits until somebody writes into it, maybe for ever.
		if (!kind.isDirectory() && !kind.isFile())
			throw new ProblemError("usage", `\`${path}\` is neither a regular file nor a folder.`);
		const found = kind.isDirectory() ? await findMarkdown(path) : null;
		problems.push(...(found?.problems ?? []));
		for (const file of found ? found.files.map((inside) => join(path, inside)) : [path]) {
			const { size } = await stat(file);
			const source = size > limits.bytes * 4 ? new Uint8Array(limits.bytes + 1) : await readFile(file);
			const whole = resolve(cwd, file);
			const root = folderOf(whole, folders) ?? (found ? resolve(cwd, path) : dirname(whole));
			const inside = `runbooks/${relative(root, whole).split(sep).join("/")}`;
			problems.push(
				...parseRunbook(source, { path: file, inside, stepTypes, limits, ...(isTarget && { isTarget }) }).problems,
			);
		}
	}
	return problems;
}

/** The folder that a file is in; the innermost of several. */
function folderOf(file: string, folders: readonly string[]): string | null {
	const having = folders.filter((folder) => file.startsWith(folder.endsWith(sep) ? folder : folder + sep));
	return having.sort((a, b) => b.length - a.length)[0] ?? null;
}

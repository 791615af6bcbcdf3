import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import type { StepType } from "../../core/step-type.ts";
import { defaultRunbookLimits, parseRunbook, type RunbookLimits } from "./parse-runbook.ts";
import { findMarkdown } from "./runbook-folder.ts";

export interface CheckOptions {
	stepTypes: readonly StepType<any>[];
	limits?: RunbookLimits;
}

/**
 * The problems of runbooks, in the order of the paths and of the lines. A path is a file, or a folder that is searched for
 * Markdown. Places name the files as they were given. What is not there is a problem too; throws `usage` for a path that is
 * neither, such as a named pipe.
 */
export async function checkPaths(paths: readonly string[], options: CheckOptions): Promise<Problem[]> {
	const { stepTypes, limits = defaultRunbookLimits } = options;
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
			problems.push(...parseRunbook(source, { path: file, stepTypes, limits }).problems);
		}
	}
	return problems;
}

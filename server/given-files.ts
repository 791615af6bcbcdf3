import { readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, resolve } from "node:path";
import { ProblemError } from "../core/problem.ts";
import type { RunbookFolder } from "./config.ts";

/**
 * Runbooks that the command line names by their file, also outside the configured folders. Only what was given here can be
 * opened by its absolute path: a page that asks for one gets nothing.
 */
export class GivenFiles {
	readonly #given = new Map<string, string>();

	/**
	 * The path by which sessions know the file: the library's where it is part of it. Throws `runbook-not-found`, `usage` for
	 * what is no regular file, `runbook-not-text`.
	 */
	async give(file: string, folders: readonly RunbookFolder[]): Promise<string> {
		const absolute = await realpath(resolve(file)).catch(() => null);
		if (absolute === null) throw new ProblemError("runbook-not-found", `There is no file \`${file}\`.`);
		// Opening a named pipe waits until somebody writes into it, maybe for ever.
		if (!(await stat(absolute)).isFile()) throw new ProblemError("usage", `\`${file}\` is not a regular file.`);
		for (const { name, folder } of folders) {
			const root = await realpath(folder).catch(() => folder);
			const inside = relative(root, absolute);
			if (inside !== "" && !inside.startsWith("..") && !isAbsolute(inside)) return `${name}/${inside}`;
		}
		let source: Buffer;
		try {
			source = await readFile(absolute);
		} catch (error) {
			const code = (error as NodeJS.ErrnoException).code ?? "unknown";
			throw new ProblemError("runbook-not-found", `\`${file}\` can't be read (${code}).`);
		}
		const text = new TextDecoder("utf-8", { fatal: true });
		try {
			this.#given.set(absolute, text.decode(source));
		} catch {
			throw new ProblemError("runbook-not-text", `\`${file}\` is not UTF-8 text.`);
		}
		return absolute;
	}

	/** The source of a file that was given; undefined for every other path. */
	source(path: string): string | undefined {
		return this.#given.get(path);
	}
}

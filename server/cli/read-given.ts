import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ProblemError } from "../../core/problem.ts";

/** Options that give parameters their values: each entry is `name=...`. */
export interface GivenOptions {
	set: string[];
	target: string[];
	setFile: string[];
	setEnv: string[];
}

/**
 * The values that the options give, by parameter. A file's value is its text without one line end after it. Throws `usage`
 * for what is not of the form, is given twice, is not set or can't be read.
 */
export function readGiven(
	{ set, target, setFile, setEnv }: GivenOptions,
	{ env, cwd }: { env: Record<string, string | undefined>; cwd: string },
): Record<string, string> {
	const values: Record<string, string> = {};
	const give = (pair: string, read: (given: string) => string) => {
		const at = pair.indexOf("=");
		const name = pair.slice(0, at);
		if (at < 1) throw new ProblemError("usage", `\`${pair}\` is not of the form name=value.`);
		if (Object.hasOwn(values, name)) throw new ProblemError("usage", `\`${name}\` is given twice.`);
		Object.defineProperty(values, name, { value: read(pair.slice(at + 1)), enumerable: true });
	};
	for (const pair of [...set, ...target]) give(pair, (value) => value);
	for (const pair of setEnv) {
		give(pair, (variable) => {
			const value = env[variable];
			if (value === undefined) throw new ProblemError("usage", `The variable \`${variable}\` is not set.`);
			return value;
		});
	}
	for (const pair of setFile) {
		give(pair, (file) => {
			try {
				return readFileSync(resolve(cwd, file), "utf8").replace(/\r?\n$/, "");
			} catch (error) {
				const code = (error as NodeJS.ErrnoException).code ?? "unknown";
				throw new ProblemError("usage", `\`${file}\` can't be read (${code}).`);
			}
		});
	}
	return values;
}

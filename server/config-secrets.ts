import { readFileSync, statSync } from "node:fs";
import { ProblemError } from "../core/problem.ts";
import type { ReadSecret } from "../targets/target-kind.ts";

/** Reads credentials of targets from the environment or from files, at the moment of use; one line end after it is no part of it. */
export function createReadSecret(env: Record<string, string | undefined>): ReadSecret {
	return (source) => {
		if ("env" in source) {
			const value = env[source.env];
			if (value) return value;
			throw new ProblemError(
				"config-invalid",
				`The variable \`${source.env}\` that a target's credential names is not set.`,
			);
		}
		let text: string;
		try {
			// Opening a named pipe waits until somebody writes into it, and the server with it.
			if (!statSync(source.file).isFile())
				throw new ProblemError("config-invalid", `The credential's file \`${source.file}\` is not a regular file.`);
			text = readFileSync(source.file, "utf8").replace(/\r?\n$/, "");
		} catch (error) {
			if (error instanceof ProblemError) throw error;
			const code = (error as NodeJS.ErrnoException).code ?? "unknown";
			throw new ProblemError("config-invalid", `The credential's file \`${source.file}\` can't be read (${code}).`);
		}
		if (text === "") throw new ProblemError("config-invalid", `The credential's file \`${source.file}\` is empty.`);
		return text;
	};
}

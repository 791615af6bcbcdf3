import { plainQuotes } from "../../core/plain-quotes.ts";
import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import { stepTypes } from "../../steps/index.ts";
import { targetKinds } from "../../targets/index.ts";
import type { ReadSecret } from "../../targets/target-kind.ts";
import type { Configuration } from "../config.ts";
import { createReadSecret } from "../config-secrets.ts";
import { labTargets } from "../config-targets.ts";
import { checkPaths } from "../runbooks/check.ts";
import { type CommandContext, type CommonOptions, configurationOf } from "./command-context.ts";

/** `runledger check PATH...`: one problem a line; ends with 1 when one is an error. */
export async function checkCommand(
	paths: readonly string[],
	options: CommonOptions & { json?: boolean },
	{ output, surroundings, exit }: CommandContext,
): Promise<void> {
	const around = surroundings("silent");
	const configuration = configurationOf(options, around);
	const { limits } = configuration;
	const problems = await checkPaths(paths, {
		stepTypes: Object.values(stepTypes),
		limits: { bytes: limits.runbookBytes, steps: limits.steps },
		cwd: around.cwd,
		folders: configuration.runbooks.map(({ folder }) => folder),
		...(configuration.file !== null && { isTarget: isTargetOf(configuration) }),
	});
	problems.push(...missingCredentials(configuration, createReadSecret(around.env)));
	for (const each of problems) {
		if (options.json) output.out(JSON.stringify(each));
		else {
			const { at, severity, code, detail } = each;
			output.out(`${at?.file ?? ""}:${at?.line ?? 1}:${at?.column ?? 1} ${severity} ${code} ${plainQuotes(detail)}`);
		}
	}
	const errors = problems.filter((each) => each.severity === "error").length;
	if (!options.json && problems.length === 0) output.note("Nothing to mend.");
	// What isn't there is a mistake in the command, not in a runbook.
	const isMissing = problems.some((each) => each.code === "runbook-not-found");
	exit(isMissing ? 2 : errors > 0 ? 1 : 0);
}

/** The clusters of a configuration, and of the labs that are up beside it. */
function isTargetOf({ targets, dataFolder }: Configuration): (cluster: string) => boolean {
	const names = new Set([...targets, ...labTargets(dataFolder, targetKinds).targets].map(({ name }) => name));
	return (cluster) => names.has(cluster);
}

/** A credential that can't be read here is a warning: where runbooks are checked is often not where they run. */
function missingCredentials({ file, targets }: Configuration, readSecret: ReadSecret): Problem[] {
	const problems: Problem[] = [];
	for (const target of targets) {
		const kind = targetKinds.find((one) => one.kind === target.kind);
		for (const source of kind?.credentials?.(target) ?? []) {
			try {
				readSecret(source);
			} catch (error) {
				if (!(error instanceof ProblemError)) throw error;
				const { detail } = error.problem;
				const at = { file: file ?? "", line: 1, column: 1 };
				problems.push(problem("config-invalid", `Target \`${target.name}\`: ${detail}`, { severity: "warning", at }));
			}
		}
	}
	return problems;
}

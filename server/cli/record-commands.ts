import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { plainQuotes } from "../../core/plain-quotes.ts";
import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import { stepTypes } from "../../steps/index.ts";
import { targetKinds } from "../../targets/index.ts";
import type { ReadSecret } from "../../targets/target-kind.ts";
import type { Configuration } from "../config.ts";
import { createReadSecret } from "../config-secrets.ts";
import { labTargets } from "../config-targets.ts";
import { remoteDesk } from "../control/control-client.ts";
import { verifyPath } from "../records/verify.ts";
import { checkPaths } from "../runbooks/check.ts";
import { type CommandContext, type CommonOptions, configurationOf } from "./command-context.ts";
import { controlPoint, openDesk } from "./open-desk.ts";
import { table } from "./print.ts";

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

/** To read from a folder is no reason to make one: where there is none, the path is wrong or nothing was recorded. */
function existing(configuration: Configuration): Configuration {
	const { dataFolder } = configuration;
	if (!existsSync(dataFolder)) throw new ProblemError("not-found", `There is no data folder at ${dataFolder}.`);
	return configuration;
}

/** `runledger sessions`. */
export async function sessionsCommand(
	options: CommonOptions & { json?: boolean },
	{ output, surroundings }: CommandContext,
): Promise<void> {
	const around = surroundings("silent");
	const desk = await openDesk(existing(configurationOf(options, around)), around);
	try {
		const sessions = await desk.sessions();
		if (options.json) {
			for (const summary of sessions) output.out(JSON.stringify({ ...summary, state: summary.status }));
			return;
		}
		if (sessions.length === 0) {
			output.note("No session yet. `runledger run FILE` makes one, and so does the page.");
			return;
		}
		output.out(
			table([
				["SESSION", "STATE", "OUTCOME", "STEPS", "OPENED", "RUNBOOK"],
				...sessions.map((s) => [
					s.session,
					s.status,
					s.outcome ?? "",
					`${s.done}/${s.steps}${s.skipped === 0 ? "" : `, ${s.skipped} skipped`}${s.notNeeded === 0 ? "" : `, ${s.notNeeded} not needed`}`,
					s.openedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC"),
					s.title,
				]),
			]),
		);
	} finally {
		await desk.close();
	}
}

/**
 * `runledger export SESSION --out PLACE`. What is no longer as it was written is evidence too: it is exported all the
 * same, and ends with 0, but not without a word.
 */
export async function exportCommand(
	session: string,
	options: CommonOptions & { out: string; json?: boolean },
	{ output, surroundings }: CommandContext,
): Promise<void> {
	const around = surroundings("silent");
	const desk = await openDesk(existing(configurationOf(options, around)), around);
	let written: string;
	try {
		written = await desk.exportTo(session, resolve(around.cwd, options.out));
		output.out(options.json ? JSON.stringify({ session, out: written }) : written);
	} finally {
		await desk.close();
	}
	const { ok, reason, firstBad } = await verifyPath(written);
	if (ok) return;
	output.note(`Warning: what was exported is not what was written. ${plainQuotes(reason ?? "")}`);
	output.note(`First bad place: ${JSON.stringify(firstBad)}.`);
}

/** `runledger verify PLACE`: needs no server and no data folder of its own. Ends with 1 when the record is not whole. */
export async function verifyCommand(
	place: string,
	options: { json?: boolean },
	{ output, surroundings, exit }: CommandContext,
): Promise<void> {
	const around = surroundings("silent");
	const path = resolve(around.cwd, place);
	const report = await verifyPath(path);
	if (options.json) output.out(JSON.stringify(report));
	else {
		const { events, recordings, bytes } = report.checked;
		const looked = `${events} events, ${recordings} recordings, ${bytes} bytes`;

		if (report.ok) output.out(`${place}: the record is whole (${looked}).`);
		else {
			output.out(`${place}: the record is not what was written. ${plainQuotes(report.reason ?? "")}`);
			output.out(`First bad place: ${JSON.stringify(report.firstBad)} (after ${looked}).`);
		}
		output.out("What this can't tell:");
		for (const line of report.cannotTell) output.out(`  - ${plainQuotes(line)}`);
	}
	exit(report.ok ? 0 : 1);
}

/** `runledger signin`: a fresh link of the server that runs on the data folder. */
export async function signInCommand(
	options: CommonOptions & { json?: boolean },
	{ output, surroundings }: CommandContext,
): Promise<void> {
	const around = surroundings("silent");
	const signIn = await remoteDesk(controlPoint(configurationOf(options, around), around)).signIn();
	output.out(options.json ? JSON.stringify({ signIn }) : signIn);
}

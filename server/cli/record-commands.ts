import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { plainQuotes } from "../../core/plain-quotes.ts";
import { ProblemError } from "../../core/problem.ts";
import type { Configuration } from "../config.ts";
import { type CommandContext, type CommonOptions, configurationOf } from "./command-context.ts";
import { openDesk } from "./open-desk.ts";
import { table } from "./print.ts";

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
	const { verifyPath } = await import("../records/verify.ts");
	const { ok, reason, firstBad } = await verifyPath(written);
	if (ok) return;
	output.note(`Warning: what was exported is not what was written. ${plainQuotes(reason ?? "")}`);
	output.note(`First bad place: ${JSON.stringify(firstBad)}.`);
}

import { resolve } from "node:path";
import { plainQuotes } from "../../core/plain-quotes.ts";
import { clustersToName, type Plan } from "../../core/plan.ts";
import { problemCatalogue } from "../../core/problem-catalogue.ts";
import type { RecordHealth } from "../../core/protocol.ts";
import type { JoinedEvent, SessionKind } from "../../core/session-event.ts";
import { heldPatienceMs } from "../control/held-record.ts";
import type { RunFileResult, RunListener } from "../control/run-file-request.ts";
import { type CommandContext, type CommonOptions, configurationOf } from "./command-context.ts";
import { openDesk } from "./open-desk.ts";
import { type Output, spokenDuration } from "./print.ts";
import { type GivenOptions, readGiven } from "./read-given.ts";
import { planInWords, runReport } from "./run-report.ts";

export interface RunOptions extends CommonOptions, GivenOptions {
	only: string[];
	confirm: string[];
	yes?: boolean;
	kind?: SessionKind;
	ticket?: string;
	json?: boolean;
}

/** `runledger run FILE`: one session through a runbook, by the engine that the browser uses. */
export async function runCommand(file: string, options: RunOptions, context: CommandContext): Promise<void> {
	const { output, surroundings, signal, exit } = context;
	const around = surroundings("silent");
	const configuration = configurationOf(options, around);
	const values = readGiven(options, around);
	const desk = await openDesk(configuration, around);
	let result: RunFileResult;
	try {
		const ask: RunListener["ask"] =
			output.isTerminal && !options.json ? (plan, needed, title) => askPerson(output, plan, needed, title) : null;
		const report = options.json
			? { event: (event: JoinedEvent) => output.out(JSON.stringify(event)), output: () => undefined }
			: runReport(output);
		const listener: RunListener = {
			...report,
			ask,
			event(event) {
				report.event(event);
				warnOfShown(event, options.set, output);
			},
			recordHealth: (health) => tellHealth(output, health, ask !== null),
		};
		const { kind, ticket, only, confirm, yes = false } = options;
		result = await desk.run(
			{
				file: resolve(around.cwd, file),
				kind,
				values,
				only,
				yes,
				confirm,
				...(ticket === undefined ? {} : { ticket }),
			},
			listener,
			signal,
		);
	} finally {
		await desk.close();
	}
	if (!options.json) output.out(plainQuotes(result.summary));
	const { problem } = result;
	// A step's own failure is in the events and in the report; whatever else ended it would go unsaid.
	if (problem && result.exitCode !== 1) {
		output.note(`${problem.code}: ${problem.detail}`);
		output.note(problem.next ?? problemCatalogue[problem.code].next);
	} else if (problem?.next && !options.json) output.note(problem.next);
	exit(result.exitCode);
}

/** A secret among the arguments stands in every list of processes until the run is over. */
function warnOfShown({ type, data }: JoinedEvent, set: readonly string[], output: Output): void {
	if (type !== "value.set" || data.secret !== true || data.source !== "parameter") return;
	const name = String(data.name);
	if (!set.some((pair) => pair.startsWith(`${name}=`))) return;
	output.note(
		`\`${name}\` is a secret, and with --set everybody on this machine sees it in the list of processes: give it by --set-file ${name}=FILE or --set-env ${name}=VARIABLE.`,
	);
}

async function askPerson(
	output: Output,
	plan: Plan,
	needed: "key" | "typed",
	title: string,
): Promise<{ yes: boolean; typed?: string }> {
	output.out(title);
	output.out(planInWords(plan));
	if (needed === "typed") {
		const typed = (
			await output.question(`It may destroy data. Type ${clustersToName(plan).join(" or ")} to run it: `)
		).trim();
		return { yes: typed !== "", typed };
	}
	return { yes: /^y(es)?$/i.test((await output.question("Run it? [y/N] ")).trim()) };
}

function tellHealth(output: Output, { ok, detail }: RecordHealth, isWatched: boolean): void {
	if (ok) output.note("The record can be written again: what runs goes on.");
	else {
		const end = isWatched ? "Ctrl+C cancels it" : `it is cancelled in ${spokenDuration(heldPatienceMs)}`;
		output.note(`record-unwritable: What runs is held (${detail ?? "unknown"}). Make room on the disk, or ${end}.`);
	}
}

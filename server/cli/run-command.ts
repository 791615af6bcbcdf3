import { resolve } from "node:path";
import { clustersToName, type Plan } from "../../core/plan.ts";
import { ProblemError } from "../../core/problem.ts";
import { problemCatalogue } from "../../core/problem-catalogue.ts";
import type { RecordHealth } from "../../core/protocol.ts";
import type { SessionKind } from "../../core/session-event.ts";
import { heldPatienceMs } from "../control/held-record.ts";
import type { RunFileResult, RunListener } from "../control/run-file-request.ts";
import { type CommandContext, type CommonOptions, configurationOf } from "./command-context.ts";
import { openDesk } from "./open-desk.ts";
import { type Output, spokenDuration } from "./print.ts";
import { planInWords, runReport } from "./run-report.ts";

export interface RunOptions extends CommonOptions {
	set: string[];
	target: string[];
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
	const values = readAssignments([...options.set, ...options.target]);
	const desk = await openDesk(configuration, around);
	let result: RunFileResult;
	try {
		const ask: RunListener["ask"] =
			output.isTerminal && !options.json ? (plan, needed, title) => askPerson(output, plan, needed, title) : null;
		const listener: RunListener = {
			ask,
			...(options.json
				? { event: (event) => output.out(JSON.stringify(event)), output: () => undefined }
				: runReport(output)),
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
	if (!options.json) output.out(result.summary);
	const { problem } = result;
	// A step's own failure is in the events and in the report; whatever else ended it would go unsaid.
	if (problem && result.exitCode !== 1) {
		output.note(`${problem.code}: ${problem.detail}`);
		output.note(problem.next ?? problemCatalogue[problem.code].next);
	} else if (problem?.next && !options.json) output.note(problem.next);
	exit(result.exitCode);
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

/** `name=value` pairs. Throws `usage`. */
function readAssignments(pairs: readonly string[]): Record<string, string> {
	const values: Record<string, string> = {};
	for (const pair of pairs) {
		const at = pair.indexOf("=");
		const name = pair.slice(0, at);
		if (at < 1) throw new ProblemError("usage", `\`${pair}\` is not of the form name=value.`);
		if (Object.hasOwn(values, name)) throw new ProblemError("usage", `\`${name}\` is given twice.`);
		Object.defineProperty(values, name, { value: pair.slice(at + 1), enumerable: true });
	}
	return values;
}

#!/usr/bin/env node
import { constants } from "node:os";
import { createInterface } from "node:readline/promises";
import { Command, CommanderError, Option } from "commander";
import { plainQuotes } from "../core/plain-quotes.ts";
import { ProblemError } from "../core/problem.ts";
import { problemCatalogue } from "../core/problem-catalogue.ts";
import { sessionKindSchema } from "../core/session-event.ts";
import type { CommandContext } from "./cli/command-context.ts";
import { common, examples, number, several } from "./cli/command-options.ts";
import { addLabCommands } from "./cli/lab-program.ts";
import type { Output } from "./cli/print.ts";
import { packageVersion, surroundings } from "./cli/surroundings.ts";
import { exitCodeOf } from "./control/close-walk.ts";

/** Commands are read when they are called: saying how to use them must not wait for what they need. */
const recordCommands = () => import("./cli/record-commands.ts");

const wantsToEnd = new AbortController();

/** A command with nothing to close ends at a signal, whatever it waits for; this is what it says then. Null for the others. */
let lastWord: string | null = null;

/** The first Ctrl+C cancels with grace and records it; a second one ends at once. */
function listenForTheEnd(): void {
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
		process.on(signal, () => {
			if (wantsToEnd.signal.aborted && signal === "SIGINT") process.exit(130);
			if (lastWord !== null) {
				output.note(lastWord);
				process.exit(128 + constants.signals[signal]);
			}
			// Ctrl+C is a person's; the others are sent by whatever ends programs.
			wantsToEnd.abort(signal === "SIGINT" ? signal : ended(`The command was ended by ${signal}.`));
		});
	}
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		// Whoever reads our output may have read enough: that is no failure of ours. A full disk is one.
		if (error.code !== "EPIPE" && !wantsToEnd.signal.aborted) {
			output.note(`The output can't be written (${error.code ?? error.message}).`);
			process.exitCode = 1;
		}
		wantsToEnd.abort(ended(`The output of the command could not be written (${error.code ?? error.message}).`));
	});
	// Nobody hears us any more: nothing can be said about that.
	process.stderr.on("error", () => undefined);
}

/** Why a command ends that no person has cancelled. */
function ended(because: string): ProblemError {
	return new ProblemError("cancelled", because);
}

const output: Output = {
	out: (text) => void process.stdout.write(`${text}\n`),
	note: (text) => void process.stderr.write(`${plainQuotes(text)}\n`),
	isTerminal: process.stdin.isTTY === true && process.stderr.isTTY === true,
	async question(text) {
		const lines = createInterface({ input: process.stdin, output: process.stderr });
		// While it reads a line the terminal sends no signal: Ctrl+C is a key.
		lines.on("SIGINT", () => wantsToEnd.abort("SIGINT"));
		try {
			return await lines.question(text, { signal: wantsToEnd.signal });
		} catch {
			return "";
		} finally {
			lines.close();
		}
	},
};

const context: CommandContext = {
	output,
	surroundings,
	signal: wantsToEnd.signal,
	exit(code) {
		// An answer that nobody got is not fine.
		process.exitCode ||= code;
	},
};

function buildProgram(): Command {
	const program = new Command("runledger")
		.description("Executable Markdown runbooks on live clusters, with a record that can be replayed and verified.")
		.version(packageVersion())
		.exitOverride()
		.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "usage: ")) })
		.showHelpAfterError("See '--help'.")
		.addHelpText(
			"after",
			`${examples(
				"runledger demo",
				"runledger serve --data /var/lib/runledger --config runledger.yaml",
				"runledger run runbooks/redis/planned-failover.md --target cluster=orders --set reason=maintenance --yes --json",
				"runledger verify .runledger",
			)}
Exit codes: 0 fine, 1 a step or a check failed, 2 usage or a runbook's problem, 3 the record could not be written.
`,
		);

	common(program.command("serve"))
		.description("Serve the pages: the library, sessions, the record and the lab.")
		.option("--host <host>", "the address to listen on (127.0.0.1)")
		.option("--port <port>", "the port; 0 takes a free one (4180)", number(0, 65_535))
		.option("--json", "print {url, signIn} as one line")
		.addHelpText("after", examples("runledger serve", "runledger serve --port 0 --json"))
		.action(async (options) => (await import("./cli/serve-command.ts")).serveCommand(options, context));

	common(program.command("demo"))
		.description("A real Redis cluster, a server on it and a recorded session; Ctrl+C takes all down.")
		.option(
			"--check",
			"headless, in a folder of its own whatever --data says: a planned failover, its record verified, all down",
		)
		.option("--yes", "install what is missing without asking")
		.option("--host <host>", "the address to listen on (127.0.0.1)")
		.option("--port <port>", "the port; 0 takes a free one (4180)", number(0, 65_535))
		.addHelpText("after", examples("runledger demo", "runledger demo --check"))
		.action(async (options) => (await import("./cli/demo-command.ts")).demoCommand(options, context));

	addLabCommands(program, context).hook("preAction", () => {
		lastWord =
			"Ended before it was done. A lab does by itself what it was asked for: `runledger lab list` shows how it stands.";
	});

	common(program.command("run"))
		.description("Walk through a runbook, step by step, in one recorded session.")
		.argument("<file>", "the runbook's file; it need not be in a configured folder")
		.option("--set <name=value>", "a parameter's value; can be given several times", several, [])
		.option(
			"--set-file <name=file>",
			"the same from a file, for secrets: nobody sees it among the arguments",
			several,
			[],
		)
		.option("--set-env <name=variable>", "the same from a variable of the environment, for secrets", several, [])
		.option(
			"--target <name=cluster>",
			"the cluster of a parameter that is a target; can be given several times",
			several,
			[],
		)
		.option(
			"--only <step>",
			"only this step or group, which closes the session as partial; can be given several times",
			several,
			[],
		)
		.option("--yes", "answer every question that a flag may answer; a manual step is never answered")
		.option("--confirm <target>", "destructive steps may run on this target outside a lab", several, [])
		.addOption(
			new Option("--kind <kind>", "what the session is (incident for P0 and P1, else change)").choices(
				sessionKindSchema.options,
			),
		)
		.option("--ticket <ticket>", "the ticket that it belongs to")
		.option("--json", "print one session event a line")
		.addHelpText(
			"after",
			examples(
				"runledger run check-disk.md",
				"runledger run runbooks/redis/health.md --target cluster=orders --yes",
				"runledger run backup.md --set-env password=BACKUP_PASSWORD --set-file key=./backup.key",
				"runledger run runbooks/redis/planned-failover.md --target cluster=orders --yes --confirm orders --json",
			),
		)
		.action(async (file, options) => (await import("./cli/run-command.ts")).runCommand(file, options, context));

	common(program.command("check"))
		.description("Say what is wrong with runbooks, one problem a line.")
		.argument("<path...>", "files, or folders that are searched for Markdown")
		.option("--json", "one object a line")
		.addHelpText("after", examples("runledger check runbooks", "runledger check --json deploy.md"))
		.action(async (paths, options) => (await import("./cli/check-command.ts")).checkCommand(paths, options, context));

	common(program.command("sessions"))
		.description("List the sessions of a data folder, newest first.")
		.option("--json", "one object a line")
		.addHelpText("after", examples("runledger sessions", "runledger sessions --json"))
		.action(async (options) => (await recordCommands()).sessionsCommand(options, context));

	common(program.command("export"))
		.description(
			"Write one session to a folder or an archive that can be verified anywhere; warns of what is not as it was written.",
		)
		.argument("<session>", "its id, as 'runledger sessions' lists it")
		.requiredOption("--out <place>", "a folder, or a file whose name ends in .zip")
		.option("--json", "print {session, out}")
		.addHelpText("after", examples("runledger export 01J9… --out failover.zip"))
		.action(async (session, options) => (await recordCommands()).exportCommand(session, options, context));

	common(program.command("verify"))
		.description("Say whether a record is what was written, and what that can't tell.")
		.argument("<place>", "a data folder, an exported folder or an exported archive")
		.option("--json", "one object")
		.addHelpText("after", examples("runledger verify .runledger", "runledger verify failover.zip --json"))
		.action(async (place, options) => (await import("./cli/verify-command.ts")).verifyCommand(place, options, context));

	common(program.command("signin"))
		.description("Print a fresh one-time sign-in link of the server that runs on the data folder.")
		.option("--json", "print {signIn}")
		.addHelpText("after", examples("runledger signin"))
		.action(async (options) => (await import("./cli/signin-command.ts")).signInCommand(options, context));

	return program;
}

/** Says what went wrong, on standard error, and gives the exit code. */
function tellFailure(error: unknown): number {
	// Commander has said it already.
	if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
	if (error instanceof ProblemError) {
		const { code, detail, next, at, data } = error.problem;
		const place = at ? `${at.file}:${at.line}:${at.column}: ` : "";
		output.note(`${place}${code}: ${detail}`);
		if (code === "runbook-invalid" && Array.isArray(data)) {
			for (const each of data as {
				severity: string;
				code: string;
				detail: string;
				at?: { line: number; column: number };
			}[]) {
				output.note(`  ${each.at?.line ?? 1}:${each.at?.column ?? 1} ${each.severity} ${each.code} ${each.detail}`);
			}
		}
		output.note(next ?? nexts[code] ?? problemCatalogue[code].next);
		return failureCodes[code] ?? exitCodeOf(error.problem, 2);
	}
	output.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
	return 1;
}

/** Problems that are no fault of the command line: what was asked for could not be done. */
const failureCodes: Partial<Record<string, 1>> = {
	"lab-start-failed": 1,
	"lab-not-ours": 1,
	"lab-silent": 1,
	"record-broken": 1,
	"server-not-running": 1,
	internal: 1,
};

/** What to do next on a command line, where that is something else than in the browser. */
const nexts: Partial<Record<string, string>> = {
	"not-found": "Check the path.",
	"lab-unknown": "`runledger lab list` shows them. Labs of another data folder need its --data (or RUNLEDGER_DATA).",
	"server-not-running":
		"Start one with `runledger serve`. One that runs on another data folder needs its --data (or RUNLEDGER_DATA).",
	"session-unknown": "`runledger sessions` lists them.",
	"bad-request": "See `--help`.",
};

listenForTheEnd();
try {
	await buildProgram().parseAsync();
} catch (error) {
	process.exitCode = tellFailure(error);
}

#!/usr/bin/env node
import { createInterface } from "node:readline/promises";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { ProblemError, problemCatalogue } from "../core/problem.ts";
import { sessionKindSchema } from "../core/session-event.ts";
import type { CommandContext } from "./cli/command-context.ts";
import {
	labDownCommand,
	labFaultCommand,
	labHealCommand,
	labListCommand,
	labLogsCommand,
	labResetCommand,
	labStatusCommand,
	labUpCommand,
} from "./cli/lab-commands.ts";
import type { Output } from "./cli/print.ts";
import { checkCommand, exportCommand, sessionsCommand, signInCommand, verifyCommand } from "./cli/record-commands.ts";
import { packageVersion, surroundings } from "./cli/surroundings.ts";
import { exitCodeOf } from "./control/run-file.ts";

const wantsToEnd = new AbortController();

/** The first Ctrl+C cancels with grace and records it; a second one ends at once. */
function listenForTheEnd(): void {
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
		process.on(signal, () => {
			if (wantsToEnd.signal.aborted && signal === "SIGINT") process.exit(130);
			wantsToEnd.abort(signal);
		});
	}
	// Whoever reads our output may have read enough.
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE") throw error;
		wantsToEnd.abort("EPIPE");
	});
}

const output: Output = {
	out: (text) => void process.stdout.write(`${text}\n`),
	note: (text) => void process.stderr.write(`${text}\n`),
	isTerminal: process.stdin.isTTY === true && process.stderr.isTTY === true,
	async question(text) {
		const lines = createInterface({ input: process.stdin, output: process.stderr });
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
		process.exitCode = code;
	},
};

const several = (value: string, before: string[]) => [...before, value];

function number(low: number, high: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (!/^\d+$/.test(text) || value < low || value > high) {
			throw new InvalidArgumentError(`It wants a number from ${low} to ${high}.`);
		}
		return value;
	};
}

/** Options that every command has. */
function common(command: Command): Command {
	return command
		.option("--data <dir>", "the data folder (RUNLEDGER_DATA, else ./.runledger)")
		.option("--config <file>", "the configuration (RUNLEDGER_CONFIG, else ./runledger.yaml when there is one)");
}

const examples = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;

function buildProgram(): Command {
	const program = new Command("runledger")
		.description("Executable Markdown runbooks on live clusters, with a record that can be replayed and verified.")
		.version(packageVersion())
		.exitOverride()
		.showHelpAfterError("(--help shows how)")
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
		.option("--check", "headless: runs a planned failover, verifies the record, takes all down")
		.option("--yes", "install what is missing without asking")
		.option("--host <host>", "the address to listen on (127.0.0.1)")
		.option("--port <port>", "the port; 0 takes a free one (4180)", number(0, 65_535))
		.addHelpText("after", examples("runledger demo", "runledger demo --check"))
		.action(async (options) => (await import("./cli/demo-command.ts")).demoCommand(options, context));

	addLab(program);

	common(program.command("run"))
		.description("Walk through a runbook, step by step, in one recorded session.")
		.argument("<file>", "the runbook's file; it need not be in a configured folder")
		.option("--set <name=value>", "a parameter; can be given several times", several, [])
		.option("--target <name=cluster>", "a parameter that is a target; can be given several times", several, [])
		.option("--only <step>", "only this step or group; can be given several times", several, [])
		.option("--yes", "answer every question that a flag may answer; a manual step is never answered")
		.option("--confirm <target>", "destructive steps may run on this target outside a lab", several, [])
		.addOption(new Option("--kind <kind>", "what the session is").choices(sessionKindSchema.options).default("change"))
		.option("--ticket <ticket>", "the ticket that it belongs to")
		.option("--json", "print one session event a line")
		.addHelpText(
			"after",
			examples(
				"runledger run check-disk.md",
				"runledger run runbooks/redis/health.md --target cluster=orders --yes",
				"runledger run runbooks/redis/planned-failover.md --target cluster=orders --yes --confirm orders --json",
			),
		)
		.action(async (file, options) => (await import("./cli/run-command.ts")).runCommand(file, options, context));

	common(program.command("check"))
		.description("Say what is wrong with runbooks, one problem a line.")
		.argument("<path...>", "files, or folders that are searched for Markdown")
		.option("--json", "one object a line")
		.addHelpText("after", examples("runledger check runbooks", "runledger check --json deploy.md"))
		.action((paths, options) => checkCommand(paths, options, context));

	common(program.command("sessions"))
		.description("List the sessions of a data folder, newest first.")
		.option("--json", "one object a line")
		.addHelpText("after", examples("runledger sessions", "runledger sessions --json"))
		.action((options) => sessionsCommand(options, context));

	common(program.command("export"))
		.description("Write one session to a folder or an archive that can be verified anywhere.")
		.argument("<session>", "its id, as `runledger sessions` lists it")
		.requiredOption("--out <place>", "a folder, or a file whose name ends in .zip")
		.option("--json", "print {session, out}")
		.addHelpText("after", examples("runledger export 01J9… --out failover.zip"))
		.action((session, options) => exportCommand(session, options, context));

	common(program.command("verify"))
		.description("Say whether a record is what was written, and what that can't tell.")
		.argument("<place>", "a data folder, an exported folder or an exported archive")
		.option("--json", "one object")
		.addHelpText("after", examples("runledger verify .runledger", "runledger verify failover.zip --json"))
		.action((place, options) => verifyCommand(place, options, context));

	common(program.command("signin"))
		.description("Print a fresh one-time sign-in link of the server that runs on the data folder.")
		.option("--json", "print {signIn}")
		.addHelpText("after", examples("runledger signin"))
		.action((options) => signInCommand(options, context));

	return program;
}

function addLab(program: Command): void {
	const lab = program
		.command("lab")
		.description("Disposable real clusters that may be broken.")
		.addHelpText(
			"after",
			examples(
				"runledger lab up redis-sentinel --name orders",
				"runledger lab fault kill orders.master --for 60s",
				"runledger lab heal orders",
				"runledger lab down orders",
			),
		);
	const add = (name: string, description: string) =>
		common(lab.command(name)).description(description).option("--json", "one object");

	add("up", "Start a lab; its cluster is a target then.")
		.argument("[kind]", "the kind of lab", "redis-sentinel")
		.option("--name <name>", "its name, and that of its target")
		.option("--option <name=value>", "an option of its kind, e.g. tls=true; can be given several times", several, [])
		.action((kind, options) => labUpCommand(kind, options, context));
	add("down", "Take a lab down; nothing of it is left.")
		.argument("[name]", "the lab; the only one when there is one")
		.option("--all", "every lab of the data folder")
		.option("--name <name>", "the same as the argument")
		.action((name, options) => labDownCommand(name ?? options.name, options, context));
	add("status", "Show a lab's nodes.")
		.argument("[name]", "the lab; the only one when there is one")
		.option("--name <name>", "the same as the argument")
		.action((name, options) => labStatusCommand(name ?? options.name, options, context));
	add("list", "List the labs that are up, and the kinds that can be started here.").action((options) =>
		labListCommand(options, context),
	);
	add("logs", "Show the last lines of a node's log.")
		.argument("<node>", "orders.master, orders/cache-1; or the lab's name, followed by the node's")
		.argument("[name]", "the node's name, after the lab's")
		.option("--lines <n>", "how many", number(1, 2_000), 50)
		.action((reference, node, options) => labLogsCommand(reference, node, options, context));
	add("heal", "Mend one node, or all of a lab.")
		.argument("[place]", "orders, orders.master or orders/cache-1")
		.action((place, options) => labHealCommand(place, options, context));
	add("reset", "Give a lab its original roles and data again.")
		.argument("[name]", "the lab; the only one when there is one")
		.option("--name <name>", "the same as the argument")
		.action((name, options) => labResetCommand(name ?? options.name, options, context));

	const fault = lab.command("fault").description("Break a node of a lab, for a limited time.");
	for (const [kind, description] of [
		["kill", "SIGKILL a node's process."],
		["stop", "Stop a node's process in good order."],
		["freeze", "Stop a node's process where it stands (SIGSTOP)."],
	] as const) {
		common(fault.command(kind))
			.description(description)
			.argument("<node>", "orders.master, orders.replica[0] or orders/cache-1")
			.option("--for <duration>", "it heals by itself after this (120s)")
			.option("--json", "one object")
			.action((node, options) => labFaultCommand(kind, node, options, context));
	}
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
		output.note(next ?? problemCatalogue[code].next);
		return failureCodes[code] ?? exitCodeOf(error.problem, 2);
	}
	output.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
	return 1;
}

/** Problems that are no fault of the command line: what was asked for could not be done. */
const failureCodes: Partial<Record<string, 1>> = {
	"lab-start-failed": 1,
	"lab-not-ours": 1,
	"record-broken": 1,
	"server-not-running": 1,
	internal: 1,
};

listenForTheEnd();
try {
	await buildProgram().parseAsync();
} catch (error) {
	process.exitCode = tellFailure(error);
}

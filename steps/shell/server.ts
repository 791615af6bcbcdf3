import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { StepPlan } from "../../core/plan.ts";
import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import { type Attempt, repeatUntil } from "../repeat-until.ts";
import {
	defineExecutor,
	type ProcessExit,
	type RunContext,
	type StepExecutor,
	type StepResult,
} from "../step-executor.ts";
import type { StepHost } from "../step-host.ts";
import { bashFrame, closedMark, readScriptEnd } from "./bash-script.ts";
import { directoryGone, isDirectory } from "./directory-gone.ts";
import { findProgram } from "./find-program.ts";
import { planShell, type ShellDetail, shellDetailSchema } from "./plan-shell.ts";
import { environmentChange, shellEnvironment } from "./shell-environment.ts";
import { refuseInput } from "./shell-input.ts";
import type { ShellStep } from "./type.ts";
import { unclosedTexts } from "./unclosed-text.ts";

/** A script ready to run: everything that it is given. */
interface Script {
	step: string;
	text: string;
	interpreter: string;
	cwd: string;
	errexit: boolean;
	pipefail: boolean;
	environment: Record<string, string>;
}

/** One run of a script. `carry` applies what it left behind, and says what of it is not carried. */
interface ScriptRun {
	exit: ProcessExit;
	output: string;
	carry(): Problem | null;
}

/**
 * Runs a block in a fresh shell on the run's terminal. The text goes by a private file, values by the environment only;
 * the directory and exported variables of a bash script that succeeded are carried to the next. `result` is the output, trimmed.
 */
export function shellExecutor(host: StepHost): StepExecutor<ShellStep> {
	const unclosed = unclosedTexts(host);
	return defineExecutor<ShellStep>({
		plan: (spec, context) => planShell(spec, context, host, unclosed),

		async execute(plan, run) {
			const command = plan.commands[0];
			if (!command) throw new ProblemError("step-empty");
			const script = scriptOf(plan, command.text, run, host);
			// What was there when it was planned may have gone since. A directory that is named is looked for only here: an
			// earlier step of the group may have made it.
			if (!isDirectory(script.cwd)) throw ProblemError.of(directoryGone(script.cwd));
			let last: ScriptRun | null = null;
			const attempt = async (): Promise<ScriptRun> => {
				const receipt = await run.sent(command);
				last = await runScript(script, run, host);
				receipt.replied({ exitCode: last.exit.exitCode, signal: last.exit.signal });
				return last;
			};
			if (!plan.until) return finish(await attempt(), null);
			const repetition = await repeatUntil(plan.until, run, host.monoMs, async (): Promise<Attempt> => {
				const { exit, output } = await attempt();
				return { extra: { result: output, output, exitCode: exit.exitCode } };
			});
			return finish(last ?? (await attempt()), repetition.problem, plan.until !== undefined);
		},

		async executeFinally(command, run, plan) {
			const line = plan.finally.findIndex((final) => final.command === command);
			const values = inputValues(shellDetailSchema.parse(plan.detail).finally[line] ?? [], run);
			const receipt = await run.sent(command);
			const done = await runScript(
				{
					step: `${run.step}-finally`,
					text: command.text,
					interpreter: "bash",
					cwd: plan.cwd ?? host.directory,
					errexit: true,
					pipefail: true,
					environment: environmentOf(values, run, host, false),
				},
				run,
				host,
			);
			const result = finish(done, null);
			const what = result.problem ?? (done.exit.exitCode === 0 ? null : exited(command.text, done.exit));
			if (what) receipt.failed(what.detail);
			else receipt.replied(result.result);
			return what ? { ...result, problem: what } : result;
		},
	});
}

function exited(text: string, { exitCode }: ProcessExit): Problem {
	return problem("command-failed", `\`${text}\` ended with exit code ${exitCode}.`);
}

/** `until` decides by its expression: the exit code of the last try is then no failure of its own. */
function finish({ exit, output, carry }: ScriptRun, late: Problem | null, decided = false): StepResult {
	if (late) return { result: output, exitCode: exit.exitCode, problem: late };
	if (exit.exitCode === null) {
		return {
			result: output,
			exitCode: null,
			problem: problem("command-failed", `The script was ended by ${exit.signal ?? "a signal"}.`),
		};
	}
	const warning = bothOf(exit.exitCode === 0 ? carry() : null, leftRunning(exit));
	return { result: output, exitCode: decided ? 0 : exit.exitCode, ...(warning ? { warning } : {}) };
}

/** What outlives its step is not ended: it may be the service that the step is there to start. */
function leftRunning({ left }: ProcessExit): Problem | null {
	if (left.length === 0) return null;
	const shown = left.slice(0, 5).map(({ pid, name }) => `\`${name}\` (process ${pid})`);
	const more = left.length > shown.length ? ` and ${left.length - shown.length} more` : "";
	const detail = `${shown.join(", ")}${more} still ${left.length === 1 ? "runs" : "run"}, started by this step.`;
	return problem("left-running", detail, { severity: "warning" });
}

/** A run has one problem to tell. */
function bothOf(one: Problem | null, other: Problem | null): Problem | null {
	return one && other ? { ...one, detail: `${one.detail} ${other.detail}` } : (one ?? other);
}

/** What a script left and later steps don't have. `names`: null when nothing at all of it is carried. */
function notCarried(names: readonly string[] | null): Problem | null {
	const severity = "warning";
	if (names === null) {
		const detail = "It exports more than 1 MiB: its directory and its variables are not carried on to later steps.";
		return problem("not-carried", detail, { severity, next: "Write it to files, and export the files' names." });
	}
	if (names.length === 0) return null;
	const shown = names.slice(0, 5).map((name) => `\`${name}\``);
	const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
	const [are, them] = names.length === 1 ? ["is", "It"] : ["are", "They"];
	const detail = `${shown.join(", ")}${more} ${are} too large to be handed to a program. ${them} ${are} not carried on to later steps.`;
	return problem("not-carried", detail, { severity });
}

function scriptOf(plan: StepPlan, text: string, run: RunContext, host: StepHost): Script {
	const detail = shellDetailSchema.parse(plan.detail);
	const inputs = inputValues(detail.inputs, run);
	const own = (value: string | undefined) => plan.capture.some(({ name }) => name === value);
	// What only this step's own capture gives is no concern of the plan's variables.
	const later = detail.finally
		.flat()
		.filter(({ value }) => !own(value) || (value !== undefined && run.variable(value) !== undefined));
	refuseMoved(plan, new Map([...inputValues(later, run), ...inputs]), run);
	return {
		step: plan.step,
		text,
		interpreter: plan.interpreter ?? "bash",
		cwd: plan.cwd ?? run.carried.cwd ?? host.directory,
		errexit: detail.errexit,
		pipefail: detail.pipefail,
		environment: environmentOf(inputs, run, host, detail.interactive),
	};
}

function environmentOf(
	inputs: ReadonlyMap<string, string>,
	run: RunContext,
	host: StepHost,
	interactive: boolean,
): Record<string, string> {
	return shellEnvironment({ server: host.environment, carried: run.carried.variables, inputs, interactive });
}

/** Throws `plan-moved` when the script would get another value than the plan shows: an earlier step of the group may have exported one. */
function refuseMoved({ variables }: StepPlan, inputs: ReadonlyMap<string, string>, run: RunContext): void {
	for (const { name, hmac } of variables) {
		const value = run.carried.variables.get(name) ?? inputs.get(name);
		if (value !== undefined && run.hmac(value) === hmac) continue;
		throw new ProblemError("plan-moved", `\`${name}\` is no longer what the plan of this step shows.`, {
			next: "Nothing of it was sent. Look at the plan as it is now, and run that.",
		});
	}
}

/** The values by variable, each checked again: what the run captured was not there to be checked when it was planned. */
function inputValues(inputs: ShellDetail["inputs"], run: RunContext): Map<string, string> {
	const values = new Map<string, string>();
	for (const { variable, value, text, leading } of inputs) {
		const given = text ?? (value === undefined ? undefined : run.variable(value));
		if (given === undefined) throw new ProblemError("value-missing", `\`${value ?? variable}\` has no value.`);
		const refused = refuseInput(variable, value ?? variable, given, leading);
		if (refused) throw ProblemError.of(refused);
		values.set(variable, given);
	}
	return values;
}

async function runScript(script: Script, run: RunContext, host: StepHost): Promise<ScriptRun> {
	const isBash = basename(script.interpreter) === "bash";
	const path = (isBash ? host.environment.PATH : script.environment.PATH) ?? "/usr/bin:/bin";
	const program = findProgram(script.interpreter, path);
	if (program === null) {
		throw new ProblemError("command-failed", `There is no program \`${script.interpreter}\` on this machine.`, {
			next: "Install it, or name another `interpreter`.",
		});
	}
	// Synchronous: a fraction of a millisecond on a local folder, where waiting for each call costs several times that.
	const folder = mkdtempSync(join(host.temporaryFolder, "rl-"));
	try {
		const file = join(folder, script.step.replace(/[^A-Za-z0-9_-]/g, "-"));
		const nonce = basename(folder).replace(/[^A-Za-z0-9]/g, "");
		const frame = isBash ? ["-c", bashFrame({ ...script, nonce, folder })] : [];
		writeFileSync(file, script.text, { mode: 0o600, flag: "wx" });
		const from = run.terminal.outputEnd;
		const exit = await run.terminal.spawn({
			file: program,
			args: [...optionsOf(script, isBash), ...frame, file],
			env: script.environment,
			cwd: script.cwd,
			channels: isBash ? 1 : 0,
		});
		run.signal.throwIfAborted();
		const told = exit.channels[0] ?? new Uint8Array();
		const end = isBash ? readScriptEnd(told, nonce) : null;
		const output = run.terminal.outputText(from).trim();
		if (isBash && end === null && exit.exitCode === 0 && existsSync(closedMark(folder))) {
			await run.terminal.remark(
				"Its directory and variables are not carried on to later steps: the script closed the descriptor that tells them.\n",
			);
		}
		return {
			exit,
			output,
			carry() {
				// The channel keeps so much and drops the rest; what is not whole is not read.
				if (!end) return told.length > 0 ? notCarried(null) : null;
				const change = environmentChange(script.environment, end.exported);
				return notCarried(run.carry({ step: script.step, from: script.cwd, cwd: end.cwd, ...change }));
			},
		};
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Options by which the interpreter reads nothing but the script, and stops at errors as asked. */
function optionsOf({ interpreter, errexit, pipefail }: Script, isBash: boolean): string[] {
	if (isBash) return ["--noprofile", "--norc"];
	switch (basename(interpreter)) {
		case "sh":
		case "dash":
		case "ash":
			return errexit ? ["-e"] : [];
		case "zsh":
			return ["-f", ...(errexit ? ["-e"] : []), ...(pipefail ? ["-o", "pipefail"] : [])];
		case "ksh":
			return [...(errexit ? ["-e"] : []), ...(pipefail ? ["-o", "pipefail"] : [])];
		default:
			return [];
	}
}

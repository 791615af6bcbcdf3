import type { JsonValue } from "../../core/json.ts";
import { plainText } from "../../core/plain-text.ts";
import type { PlanCommand, StepPlan } from "../../core/plan.ts";
import { isProblem, type Problem, ProblemError, problem } from "../../core/problem.ts";
import type { RecordingSummary } from "../../core/recording.ts";
import type { Topology } from "../../core/target.ts";
import type { RunContext, StepExecutor } from "../../steps/step-executor.ts";
import type { RunTerminalHandle } from "../terminals/run-terminal.ts";
import { entriesToJson } from "./command-journal.ts";
import { judge, looksAtTopology, type StepOutcome, say } from "./judge-result.ts";
import { movedValue } from "./moved-value.ts";
import type { PlannedUnit } from "./planner.ts";
import { problemOf } from "./problem-of.ts";
import { RunCommands } from "./run-commands.ts";
import type { BoundValues } from "./run-context.ts";
import { clusterOf, type UnitScope } from "./run-scope.ts";

/** What the runner needs of the session that it runs for. */
export interface UnitHost {
	/** Makes `run.started` durable; refuses when the plan is not the one that was confirmed. */
	started(run: string, planDigest: string, topologyBefore: JsonValue | undefined): Promise<void>;
	/** Makes `run.finished` durable, after the recording. Waits while the record can't be written. */
	finished(run: string, outcome: StepOutcome, recording: RecordingSummary | null): Promise<void>;
	rejected(run: string, reason: Problem): Promise<void>;
	openTerminal(run: string, plan: StepPlan, scope: UnitScope, signal: AbortSignal): Promise<RunTerminalHandle>;
	executorOf(type: string): StepExecutor;
	/** What a step begins with, for its `finally`. */
	bind(scope: UnitScope): BoundValues;
	/** The run's context over a terminal, with its own connections; `dispose` closes them. */
	context(
		run: string,
		plan: StepPlan,
		commands: RunCommands,
		terminal: RunTerminalHandle,
		signal: AbortSignal,
		bound?: BoundValues,
	): {
		context: RunContext;
		dispose(): Promise<void>;
	};
	readTopology(cluster: string): Promise<Topology | null>;
	/** Values of these names have just been captured: what was exported under any spelling of them is older. */
	captured(names: readonly string[]): void;
	/** Whether a captured value of this name stays out of the record. */
	isSecretName(name: string): boolean;
	monoMs(): number;
}

/** A step whose terminal is open. */
interface Frame {
	run: string;
	plan: StepPlan;
	terminal: RunTerminalHandle;
	commands: RunCommands;
	outcome: StepOutcome;
	/** Set when its own commands are about to begin. */
	bound?: BoundValues;
}

/** How long the commands of a `finally` may take, each; they run also after a cancel. */
const finallyTimeoutMs = 30_000;

/** How a unit is run. `passOver`: only as far as its conditions do not hold; nothing of it is ever sent. */
export interface UnitMode {
	passOver: boolean;
}

/**
 * Runs a unit as planned: each step in turn, ended by the first that does not succeed, then the `finally` of what was
 * started, in reverse, once each. A step is started once the first of its own commands goes out: one that is not needed,
 * whose recheck failed or that was cancelled before has nothing to take back. A started step with a `finally` stays open
 * until that has run: what it holds is held until then.
 */
export async function runUnit(
	planned: PlannedUnit,
	runs: readonly string[],
	scope: UnitScope,
	host: UnitHost,
	unitSignal: AbortSignal,
	mode: UnitMode,
): Promise<void> {
	const open: Frame[] = [];
	let ended: Problem | null = null;
	for (const [index, plan] of planned.plan.steps.entries()) {
		const run = runs[index];
		if (run === undefined) break;
		if (ended || unitSignal.aborted) {
			await host.rejected(run, ended ?? reasonOf(unitSignal));
			continue;
		}
		try {
			const frame = await runStep(planned, plan, run, scope, host, unitSignal, mode);
			if (isProblem(frame)) {
				ended = frame;
				continue;
			}
			// What never began holds nothing: its `finally` would take back what another has done.
			if (plan.finally.length > 0 && frame.commands.begun) open.push(frame);
			else await close(frame, host);
			if (frame.outcome.outcome !== "succeeded" && frame.outcome.outcome !== "skipped") {
				const { outcome } = frame.outcome;
				const earlier = `An earlier step of the group ${outcomeWords[outcome]}: ${titleOf(planned, plan.step)}.`;
				ended = problem("check-failed", earlier, {
					next: "Look at that step, then run the group again.",
				});
			}
		} catch (error) {
			// It never started: the intent was refused or could not be made durable.
			ended = problemOf(error);
			await host.rejected(run, ended);
		}
	}
	for (const frame of open.reverse()) {
		await runFinally(frame, scope, host);
		await close(frame, host);
	}
}

async function close(frame: Frame, host: UnitHost): Promise<void> {
	let recording: RecordingSummary | null = null;
	try {
		recording = await frame.terminal.finish();
	} catch (error) {
		// What it did is done, and what it showed can't be proved: no success without a whole recording.
		const { outcome } = frame.outcome;
		frame.outcome.outcome = outcome === "succeeded" || outcome === "skipped" ? "failed" : outcome;
		keepFirst(frame.outcome, problemOf(error));
	}
	await host.finished(frame.run, frame.outcome, recording);
}

async function runStep(
	planned: PlannedUnit,
	plan: StepPlan,
	run: string,
	scope: UnitScope,
	host: UnitHost,
	unitSignal: AbortSignal,
	mode: UnitMode,
): Promise<Frame | Problem> {
	scope.begin(plan.step);
	const changes = plan.risk !== "read";
	const cluster = clusterOf(plan);
	if (cluster !== null && (changes || looksAtTopology(plan))) {
		const topology = await host.readTopology(cluster);
		if (topology) scope.saw(topology);
	}
	// It was asked for because it was not needed: whether it may run now is for a person to say.
	if (mode.passOver && isNeeded(plan, scope)) throw ProblemError.of(neededByNow(planned, plan));
	const before = changes && cluster !== null ? scope.of(plan).before : undefined;
	await host.started(run, planned.plan.digest, before ?? undefined);

	const timeout = new AbortController();
	const timer =
		plan.timeoutMs > 0
			? setTimeout(
					() => timeout.abort(new ProblemError("timeout", `It took longer than ${plan.timeoutMs} ms.`)),
					plan.timeoutMs,
				)
			: undefined;
	const signal = AbortSignal.any([unitSignal, timeout.signal]);
	const begun: StepOutcome = {
		outcome: "failed",
		exitCode: null,
		checked: false,
		captured: {},
		checks: [],
		commands: [],
	};
	let terminal: RunTerminalHandle;
	try {
		terminal = await host.openTerminal(run, plan, scope, signal);
	} catch (error) {
		// Its intent is in the record, so its end must be too; nothing was sent.
		clearTimeout(timer);
		const why = problemOf(error);
		await host.finished(run, { ...begun, problem: why }, null);
		return why;
	}
	const commands = new RunCommands(terminal, scope, host.monoMs);
	const { context, dispose } = host.context(run, plan, commands, terminal, signal);
	const frame: Frame = {
		run,
		plan,
		terminal,
		commands,
		outcome: begun,
	};
	try {
		frame.outcome = await executeStep(planned, frame, scope, host, context, signal, mode);
	} catch (error) {
		frame.outcome.problem = problemOf(signal.aborted ? signal.reason : error);
		const isCancelled = unitSignal.aborted && frame.outcome.problem.code !== "output-limit";
		frame.outcome.outcome = isCancelled ? "cancelled" : "failed";
		await say(terminal, frame.outcome.problem);
	} finally {
		clearTimeout(timer);
		await dispose();
	}
	if (changes && cluster !== null) {
		const after = await host.readTopology(cluster);
		if (after) {
			scope.saw(after);
			frame.outcome.topologyAfter = after as unknown as JsonValue;
		}
	}
	frame.outcome.commands = entriesToJson(commands.entries(plan.commands));
	return frame;
}

async function executeStep(
	planned: PlannedUnit,
	frame: Frame,
	scope: UnitScope,
	host: UnitHost,
	context: RunContext,
	signal: AbortSignal,
	mode: UnitMode,
): Promise<StepOutcome> {
	const { plan, terminal, commands } = frame;
	// What a check that ran again found replaces what it found before, for the steps after this one too.
	const captured: Record<string, JsonValue> = {};
	const nothing = { exitCode: null, checked: false, captured, checks: [], commands: [] };
	commands.enter("recheck");
	for (const [index, name] of plan.recheck.entries()) {
		if (index > 0) await terminal.remark("\r\n");
		const failed = await recheck(planned, name, scope, host, context, terminal, captured);
		if (failed) {
			await say(terminal, failed);
			return { ...nothing, outcome: "failed", problem: failed };
		}
	}
	commands.enter("main");
	if (!isNeeded(plan, scope)) {
		const told = scope.sentence(plan, plan.whenOtherwise ?? `not needed: \`${plan.when}\` does not hold`, {});
		await terminal.remark(`${told}\r\n`);
		return { ...nothing, outcome: "skipped", result: { skipped: told } };
	}
	if (mode.passOver) {
		const problem = neededByNow(planned, plan);
		await say(terminal, problem);
		return { ...nothing, outcome: "failed", problem };
	}
	const moved = movedValue(planned, plan, scope);
	if (moved) {
		await say(terminal, moved);
		return { ...nothing, outcome: "failed", problem: moved };
	}
	if (plan.recheck.length > 0) {
		await terminal.remark(`\r\n\x1b[2mchecked; now the step itself: ${titleText(planned, plan.step)}\x1b[0m\r\n`);
	}
	frame.bound = host.bind(scope);
	terminal.beginOutput();
	const result = await host.executorOf(plan.type).execute(plan, context);
	if (signal.aborted) throw signal.reason;
	const exported = scope.takeExported();
	const judged = await judge(plan, result, scope, host, terminal);
	host.captured(Object.keys(judged.captured));
	return { ...judged, captured: { ...captured, ...exported, ...judged.captured } };
}

/** Whether a step's condition holds at this moment; one without a condition is needed. */
function isNeeded(plan: StepPlan, scope: UnitScope): boolean {
	return plan.when === undefined || scope.holds(plan, plan.when, {});
}

function neededByNow(planned: PlannedUnit, plan: StepPlan): Problem {
	return problem("confirmation-needed", `${titleOf(planned, plan.step)} is needed by now, so it was not passed over.`, {
		next: "Look at it, and run it yourself.",
	});
}

/** Runs a read step again inside the run that depends on it, adds what it captures; gives what is wrong, or null. */
async function recheck(
	planned: PlannedUnit,
	name: string,
	scope: UnitScope,
	host: UnitHost,
	context: RunContext,
	terminal: RunTerminalHandle,
	captured: Record<string, JsonValue>,
): Promise<Problem | null> {
	const plan = planned.plan.rechecks.find((r) => r.step === name);
	if (!plan) return problem("recheck-failed", `\`${name}\` is not part of the plan.`);
	await terminal.remark(`\x1b[2mchecking again: ${titleText(planned, name)}\x1b[0m\r\n`);
	terminal.beginOutput();
	const result = await host.executorOf(plan.type).execute(plan, context);
	const exported = scope.takeExported();
	const judged = await judge(plan, result, scope, host, terminal);
	host.captured(Object.keys(judged.captured));
	Object.assign(captured, exported, judged.captured);
	if (judged.outcome === "succeeded") return null;
	return problem(
		"recheck-failed",
		`${titleOf(planned, name)} does not hold now: ${judged.problem?.detail ?? "it failed"}`,
	);
}

async function runFinally(frame: Frame, scope: UnitScope, host: UnitHost): Promise<void> {
	const { plan, terminal, commands } = frame;
	const signal = AbortSignal.timeout(finallyTimeoutMs * plan.finally.length);
	const { context, dispose } = host.context(frame.run, plan, commands, terminal, signal, frame.bound);
	// What the step's own expressions cost must not keep a `finally` from being sent.
	scope.begin(plan.step);
	// They run whatever happened: also after a cancellation, and when the output has reached its limit.
	terminal.beginFinally(signal);
	commands.enter("finally");
	try {
		const cluster = clusterOf(plan);
		for (const { when, command } of plan.finally) {
			const topology = cluster === null ? null : await host.readTopology(cluster);
			if (topology) scope.saw(topology);
			await runFinallyCommand(frame, when, command, scope, host, context, terminal);
		}
	} finally {
		await dispose();
		frame.outcome.commands = entriesToJson(commands.entries(plan.commands));
	}
}

async function runFinallyCommand(
	frame: Frame,
	when: string | undefined,
	command: PlanCommand,
	scope: UnitScope,
	host: UnitHost,
	context: RunContext,
	terminal: RunTerminalHandle,
): Promise<void> {
	const { plan } = frame;
	try {
		if (when !== undefined && !scope.holds(plan, when, {})) {
			await terminal.remark(`\x1b[2mfinally, not sent: ${command.text} (needs ${when})\x1b[0m\r\n`);
			return;
		}
		await terminal.remark("\x1b[2mfinally\x1b[0m\r\n");
		const { problem: failure } = await host.executorOf(plan.type).executeFinally(command, context, plan);
		Object.assign(frame.outcome.captured, scope.takeExported());
		if (failure) throw ProblemError.of(failure);
	} catch (error) {
		const what = problemOf(error);
		await say(terminal, what);
		keepFirst(frame.outcome, problem("command-failed", `finally \`${command.text}\`: ${what.detail}`));
		if (frame.outcome.outcome === "succeeded") frame.outcome.outcome = "failed";
	}
}

/** The first thing that went wrong is what a person must read first; what is only to be known gives way to it. */
function keepFirst(outcome: StepOutcome, what: Problem): void {
	if (outcome.problem === undefined || outcome.problem.severity !== "error") outcome.problem = what;
}

/** How a step that ends its group has ended, in a sentence. */
const outcomeWords: Record<StepOutcome["outcome"], string> = {
	succeeded: "succeeded",
	skipped: "was not needed",
	failed: "failed",
	cancelled: "was cancelled",
	lost: "was lost",
};

/** A step's title as it stands in a line of a terminal: nothing in it moves the cursor. */
function titleText(planned: PlannedUnit, step: string): string {
	return plainText(planned.specs.get(step)?.title ?? step).replaceAll("\n", " ");
}

/** A step as a person knows it, within a sentence. */
function titleOf(planned: PlannedUnit, step: string): string {
	return `“${titleText(planned, step)}”`;
}

function reasonOf(signal: AbortSignal): Problem {
	return problemOf(signal.reason);
}

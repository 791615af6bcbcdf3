import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { StepPlan } from "../../core/plan.ts";
import { type Problem, problem } from "../../core/problem.ts";
import type { RunOutcome } from "../../core/session-event.ts";
import type { Topology } from "../../core/target.ts";
import type { StepResult } from "../../steps/step-executor.ts";
import type { RunTerminalHandle } from "../terminals/run-terminal.ts";
import { refuseShortSecret } from "./parameter-values.ts";
import { problemOf } from "./problem-of.ts";
import { clusterOf, type UnitScope } from "./run-scope.ts";

/** What a run came to, before it is recorded. */
export interface StepOutcome {
	outcome: RunOutcome;
	exitCode: number | null;
	checked: boolean;
	problem?: Problem;
	result?: JsonValue;
	captured: Record<string, JsonValue>;
	checks: JsonValue;
	commands: JsonValue;
	topologyAfter?: JsonValue;
}

/** What a result is worth: its captures, its checks, its exit code. */
export async function judge(
	plan: StepPlan,
	{ result, exitCode, problem: failure, warning }: StepResult,
	scope: UnitScope,
	host: { readTopology(cluster: string): Promise<Topology | null>; isSecretName(name: string): boolean },
	terminal: RunTerminalHandle,
): Promise<StepOutcome> {
	const cluster = clusterOf(plan);
	if (cluster !== null && looksAtTopology(plan)) {
		const topology = await host.readTopology(cluster);
		if (topology) scope.saw(topology);
	}
	const extra: JsonObject = { result, exitCode, output: terminal.outputText() };
	const captured: Record<string, JsonValue> = {};
	const outcome: StepOutcome = {
		outcome: "succeeded",
		exitCode,
		checked: plan.expect.length > 0 || plan.until !== undefined,
		result,
		captured,
		checks: [],
		commands: [],
	};
	if (warning) await say(terminal, warning);
	if (failure) {
		const told = inWordsOfRunbook(plan, failure, scope, extra);
		await say(terminal, told);
		return { ...outcome, outcome: "failed", problem: told };
	}
	const decidesExit = plan.expect.some(({ that }) => /\bexitCode\b/.test(that));
	if (exitCode !== null && exitCode !== 0 && !decidesExit) {
		return {
			...outcome,
			outcome: "failed",
			problem: problem("command-failed", `It ended with exit code ${exitCode}.`),
		};
	}
	// What is missing for a capture is often what a check is about, and the check has the better words.
	let uncaptured: Problem | null = null;
	for (const { name, expression } of plan.capture) {
		try {
			const value = scope.evaluate(plan, expression, extra);
			if (host.isSecretName(name))
				refuseShortSecret(name, value, "Capture a longer one, or under a name of no secret.");
			captured[name] = value;
			scope.capture(plan.step, name, value);
		} catch (error) {
			uncaptured ??= problemOf(error);
		}
	}
	const checks = plan.expect.map(({ that, otherwise }) => {
		try {
			const held = scope.holds(plan, that, extra);
			return { that, held, ...(held ? {} : { said: told(otherwise) }) };
		} catch (error) {
			// What the sentence says is not known to be so where what it speaks of can't be read.
			const said = told(otherwise);
			return { that, held: false, said: said.includes("{{") ? "" : said, why: problemOf(error).detail };
		}
	});
	function told(otherwise: string | undefined): string {
		return otherwise === undefined ? "" : scope.sentence(plan, otherwise, extra);
	}
	outcome.checks = checks as unknown as JsonValue;
	const failed = checks.find((check) => !check.held);
	if (failed) {
		const detail = failed.said || `wanted \`${failed.that}\`${failed.why === undefined ? "" : `: ${failed.why}`}`;
		outcome.problem = problem("check-failed", detail, {
			data: { wanted: failed.that, got: whatCame(failed.that, extra) },
		});
		outcome.outcome = "failed";
		await say(terminal, outcome.problem);
	} else if (uncaptured) {
		outcome.problem = uncaptured;
		outcome.outcome = "failed";
		await say(terminal, uncaptured);
	} else if (warning) outcome.problem = warning;
	return outcome;
}

/** Of what the step gave, that which a check speaks of; the result when it speaks of none. */
function whatCame(that: string, extra: JsonObject): string {
	const spokenOf = Object.keys(extra).filter((name) => new RegExp(`\\b${name}\\b`).test(that));
	if (spokenOf.length === 0 || spokenOf.join() === "result") return shorten(extra.result ?? null);
	return spokenOf.map((name) => `${name} = ${shorten(extra[name] ?? null)}`).join(", ");
}

/**
 * A failure before anything could be checked, in the runbook's own words where it has some: what it says of an `until` that
 * never held, or of the first check that a refused command can't meet. What was refused stays in the sentence.
 */
function inWordsOfRunbook(plan: StepPlan, failure: Problem, scope: UnitScope, extra: JsonObject): Problem {
	if (failure.code === "timeout" && plan.until?.otherwise !== undefined) {
		return { ...failure, detail: scope.sentence(plan, plan.until.otherwise, extra) };
	}
	const { result } = extra;
	const refused =
		typeof result === "object" && result !== null && !Array.isArray(result) && Object.hasOwn(result, "error");
	if (failure.code !== "command-failed" || !refused) return failure;
	const unmet = plan.expect.find(({ that }) => {
		try {
			return !scope.holds(plan, that, extra);
		} catch {
			return true;
		}
	});
	if (unmet?.otherwise === undefined) return failure;
	return { ...failure, detail: `${scope.sentence(plan, unmet.otherwise, extra)} ${failure.detail}` };
}

/** Whether its expressions see the topology, so that it has to be read for them. */
export function looksAtTopology(plan: StepPlan): boolean {
	const texts = [
		plan.when,
		plan.whenOtherwise,
		plan.until?.expression,
		plan.until?.otherwise,
		...plan.expect.flatMap((e) => [e.that, e.otherwise]),
		...plan.capture.map((c) => c.expression),
	];
	return texts.some((text) => text !== undefined && /\btopology\b/.test(text));
}

/** Writes a problem where a person reads the run. */
export async function say(terminal: RunTerminalHandle, what: Problem): Promise<void> {
	const colour = what.severity === "warning" ? 33 : 31;
	await terminal.remark(`\x1b[${colour}m${what.code}\x1b[0m ${what.detail}\r\n`).catch(() => undefined);
}

/** A result as it stands in a sentence: at most 2,000 characters. */
function shorten(value: JsonValue): string {
	const text = JSON.stringify(value);
	return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}

import type { JsonValue } from "../core/json.ts";
import type { Until } from "../core/plan.ts";
import { type Problem, ProblemError, problem } from "../core/problem.ts";
import type { ExpressionScope, RunContext } from "./step-executor.ts";
import { waitWords } from "./wait-words.ts";

/** One try: what the expression sees, or why there is nothing to see yet (the node is gone, the command was refused). */
export type Attempt = { extra: ExpressionScope } | { notYet: string };

/** How it ended. `problem` is a `timeout` that says what was waited for and what came last. */
export interface Repetition {
	tries: number;
	elapsedMs: number;
	problem: Problem | null;
}

/** What the line says while it waits is rewritten in place at most this often: a recording must not grow by waiting. */
const rewriteEveryMs = 200;

const clearLine = "\r\x1b[2K";

/**
 * Tries again until the expression is true or the time is over. An expression that can't be evaluated yet (a field that is
 * missing in an early reply) counts as not yet. While it waits, one dim line is rewritten in place; it is gone afterwards.
 * Throws the signal's reason when the run is cancelled. `monoMs` is a monotonic clock.
 */
export async function repeatUntil(
	until: Until,
	run: Pick<RunContext, "terminal" | "evaluate" | "progress" | "sleep" | "signal">,
	monoMs: () => number,
	attempt: (number: number) => Promise<Attempt>,
): Promise<Repetition> {
	const started = monoMs();
	let toldAt = Number.NEGATIVE_INFINITY;
	let told = false;
	let last = "nothing";
	for (let tries = 1; ; tries++) {
		run.signal.throwIfAborted();
		const tried = await attempt(tries);
		const lookedAt = monoMs();
		if ("notYet" in tried) last = tried.notYet;
		else {
			last = shorten(tried.extra.result ?? null);
			const held = holds(until.expression, run, tried.extra);
			if (held.value) {
				if (told) await run.terminal.remark(clearLine);
				return { tries, elapsedMs: monoMs() - started, problem: null };
			}
			if (held.why !== null) last = `${last} (${held.why})`;
		}
		const tookMs = monoMs() - lookedAt;
		const elapsedMs = monoMs() - started;
		if (elapsedMs >= until.timeoutMs) {
			if (told) await run.terminal.remark(clearLine);
			return { tries, elapsedMs, problem: tooLate(until, tries, last) };
		}
		run.progress(until.expression, elapsedMs, until.timeoutMs);
		// An expression that takes long is looked at less often: there is one thread for everybody.
		const everyMs = Math.max(until.everyMs, tookMs);
		const pauseMs = Math.max(1, Math.min(everyMs, until.timeoutMs - elapsedMs));
		if (monoMs() - toldAt >= rewriteEveryMs) {
			const pace = `again in ${waitWords(pauseMs)} · ${ordinal(tries)} try · ${waitWords(elapsedMs)} of ${waitWords(until.timeoutMs)}`;
			await run.terminal.remark(`${clearLine}\x1b[2m${pace}\x1b[0m`);
			toldAt = monoMs();
			told = true;
		}
		await run.sleep(pauseMs);
	}
}

function holds(
	expression: string,
	run: Pick<RunContext, "evaluate">,
	extra: ExpressionScope,
): { value: boolean; why: string | null } {
	try {
		return { value: run.evaluate(expression, extra) === true, why: null };
	} catch (error) {
		if (error instanceof ProblemError && error.problem.code === "expression-failed") {
			return { value: false, why: error.problem.detail };
		}
		throw error;
	}
}

function tooLate(until: Until, tries: number, last: string): Problem {
	return problem(
		"timeout",
		`\`${until.expression}\` did not hold within ${waitWords(until.timeoutMs)} (${tries} ${tries === 1 ? "try" : "tries"}). The last result was ${last}.`,
		{
			next: "Compare the last result with what was wanted; raise the step's `timeout` if it only needs longer.",
			data: { wanted: until.expression, got: last },
		},
	);
}

/** A result as it stands in a sentence: at most 500 characters. */
function shorten(value: JsonValue): string {
	const text = JSON.stringify(value);
	return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

function ordinal(number: number): string {
	const [ones, tens] = [number % 10, number % 100];
	if (ones === 1 && tens !== 11) return `${number}st`;
	if (ones === 2 && tens !== 12) return `${number}nd`;
	if (ones === 3 && tens !== 13) return `${number}rd`;
	return `${number}th`;
}

import { topologyForExpressions } from "../../core/expression-topology.ts";
import type { StepPlan } from "../../core/plan.ts";
import { isProblem, type Problem, ProblemError } from "../../core/problem.ts";
import type { StepSpec } from "../../core/runbook.ts";
import { parseTargetReference } from "../../core/target.ts";
import { planOfSpec } from "../plan-of-spec.ts";
import { type Attempt, repeatUntil } from "../repeat-until.ts";
import { defineExecutor, type PlanContext, type RunContext, type StepExecutor } from "../step-executor.ts";
import type { StepHost } from "../step-host.ts";
import { terminalText } from "../terminal-text.ts";
import { waitWords } from "../wait-words.ts";
import { looksAtNothing, type WaitStep } from "./type.ts";

type WaitDetail = { forMs: number | null; text: string; cluster: string | null };
type Watched = Pick<StepPlan, "watches">;

/** How often a wait for a time tells how far it is. */
const tellEveryMs = 500;

/** Waits for a time, or until an expression over the live topology holds. `result.waitedMs` says how long it took. */
export function waitExecutor(host: Pick<StepHost, "monoMs">): StepExecutor<WaitStep> {
	return defineExecutor<WaitStep>({
		async plan(spec, context) {
			const read = detailOf(spec, context);
			if (isProblem(read)) return [{ ...read, at: spec.place }];
			const { watches, ...detail } = read;
			const frame = planOfSpec(spec, context, "read");
			// A wait that is longer than the default limit means what it says.
			const timeoutMs = detail.forMs === null ? frame.timeoutMs : Math.max(frame.timeoutMs, detail.forMs + 5_000);
			return { ...frame, timeoutMs, detail, ...(watches === undefined ? {} : { watches }) };
		},

		async execute(plan, run) {
			const { forMs, text, cluster } = plan.detail as WaitDetail;
			if (text !== "") await run.terminal.remark(`${terminalText(text)}\r\n`);
			if (forMs !== null) {
				await waitFor(forMs, run, host.monoMs);
				return { result: { waitedMs: forMs }, exitCode: null };
			}
			if (!plan.until) throw new ProblemError("step-invalid", "The wait has neither a time nor an expression.");
			await run.terminal.remark(`waiting for ${terminalText(plan.until.expression)}\r\n`);
			const repetition = await repeatUntil(plan.until, run, host.monoMs, () => look(cluster, run));
			const result = { waitedMs: Math.round(repetition.elapsedMs) };
			if (repetition.problem) return { result, exitCode: null, problem: repetition.problem };
			await run.terminal.remark(`it holds after ${waitWords(repetition.elapsedMs)}\r\n`);
			return { result, exitCode: null };
		},

		async executeFinally() {
			return { result: null, exitCode: null };
		},
	});
}

function detailOf(spec: StepSpec<WaitStep>, context: PlanContext): (WaitDetail & Watched) | Problem {
	const filled = context.substitute(spec.own.text);
	if (isProblem(filled)) return filled;
	const detail = { forMs: spec.own.forMs, text: filled.text };
	if (spec.target === undefined) return looksAtNothing(spec) ?? { ...detail, cluster: null };
	const target = context.substitute(spec.target);
	if (isProblem(target)) return target;
	const reference = parseTargetReference(target.text);
	if (isProblem(reference)) return reference;
	const topology = context.topology(reference.cluster);
	if (isProblem(topology)) return topology;
	const { cluster } = reference;
	return { ...detail, cluster, watches: { cluster, environment: topology.environment } };
}

async function look(cluster: string | null, run: RunContext): Promise<Attempt> {
	if (cluster === null) return { extra: {} };
	try {
		const topology = topologyForExpressions(await run.topology(cluster));
		// What it saw last is what a person wants to read when it never held.
		const seen = { reachable: topology.reachable ?? null, master: topology.master ?? null };
		return { extra: { topology, result: seen } };
	} catch (error) {
		if (error instanceof ProblemError) return { notYet: error.problem.detail };
		throw error;
	}
}

async function waitFor(forMs: number, run: RunContext, monoMs: () => number): Promise<void> {
	const started = monoMs();
	for (;;) {
		const elapsed = monoMs() - started;
		if (elapsed >= forMs) break;
		run.progress(waitWords(forMs), elapsed, forMs);
		await run.terminal.remark(`\r\x1b[2K\x1b[2m${waitWords(elapsed)} of ${waitWords(forMs)}\x1b[0m`);
		await run.sleep(Math.min(tellEveryMs, forMs - elapsed));
	}
	await run.terminal.remark(`\r\x1b[2Kwaited ${waitWords(forMs)}\r\n`);
}

import type { JsonValue } from "../../core/json.ts";
import type { PlanCommand, StepPlan, Until } from "../../core/plan.ts";
import { isProblem, type Problem } from "../../core/problem.ts";
import { type Attempt, repeatUntil } from "../repeat-until.ts";
import { defineExecutor, type RunContext, type StepExecutor, type StepResult } from "../step-executor.ts";
import type { StepHost } from "../step-host.ts";
import { planRedis } from "./plan-redis.ts";
import { type Answered, isUnreachable, RedisRun } from "./redis-run.ts";
import type { RedisStep } from "./type.ts";

/** A try of `until` waits this long for one reply: a frozen node must not use up the whole time. */
const longestTryMs = 5_000;

/** Sends commands to Redis and Sentinel nodes, prints what came as redis-cli would, and gives the last reply as a typed value. */
export function redisExecutor(host: Pick<StepHost, "monoMs">): StepExecutor<RedisStep> {
	return defineExecutor<RedisStep>({
		plan: planRedis,

		async execute(plan, run) {
			const conversation = new RedisRun(run);
			let value: JsonValue = null;
			let leftOut: Problem | null = null;
			const once = plan.until ? plan.commands.slice(0, -1) : plan.commands;
			for (const command of once) {
				const answered = await conversation.send(command);
				if (answered.refused) return failed(answered.value, answered.refused);
				({ value, leftOut } = answered);
			}
			const last = plan.commands.at(-1);
			if (!plan.until || !last) {
				return leftOut && looksAtResult(plan) ? failed(value, leftOut) : { result: value, exitCode: null };
			}
			return untilHolds(last, plan.until, conversation, run, host.monoMs);
		},

		async executeFinally(command, run) {
			const answered = await new RedisRun(run).send(command);
			return answered.refused ? failed(answered.value, answered.refused) : { result: answered.value, exitCode: null };
		},
	});
}

function failed(result: JsonValue, what: Problem): StepResult {
	return { result, exitCode: null, problem: what };
}

/** Whether an expression speaks of the result: it must not be judged by what stands for one that was too large. */
function looksAtResult({ expect, capture }: StepPlan): boolean {
	return [...expect.map(({ that }) => that), ...capture.map(({ expression }) => expression)].some((text) =>
		/\bresult\b/.test(text),
	);
}

/** Asks again and again, each time the node that the reference names then. The first and the last reply are shown. */
async function untilHolds(
	last: PlanCommand,
	until: Until,
	conversation: RedisRun,
	run: RunContext,
	monoMs: () => number,
): Promise<StepResult> {
	const filled = conversation.fill(last);
	const started = monoMs();
	let shown: Answered | null = null;
	let latest: Answered | null = null;
	const repetition = await repeatUntil(until, run, monoMs, async (number): Promise<Attempt> => {
		const node = number === 1 ? filled.node : await run.resolveAnew(last.reference);
		if (isProblem(node)) return { notYet: node.detail };
		const command = { ...filled, node };
		if (number === 1) await conversation.show(command);
		const left = Math.max(1_000, until.timeoutMs - (monoMs() - started));
		const patience = AbortSignal.timeout(Math.ceil(Math.min(longestTryMs, left)));
		try {
			latest = await conversation.ask(command, AbortSignal.any([run.signal, patience]));
		} catch (error) {
			run.signal.throwIfAborted();
			if (patience.aborted) return { notYet: `${node.name} did not reply within ${longestTryMs / 1_000} s` };
			if (isUnreachable(error)) return { notYet: error.problem.detail };
			throw error;
		}
		if (number === 1) {
			await conversation.showReply(latest);
			shown = latest;
		}
		if (latest.refused) return { notYet: latest.refused.detail };
		if (latest.leftOut) return { notYet: latest.leftOut.detail };
		// Most replies are not shown, and each look is at its own.
		const output = /\boutput\b/.test(until.expression) ? conversation.textOf(latest) : "";
		return { extra: { result: latest.value, output } };
	});
	const final = latest as Answered | null;
	if (final && final !== shown) {
		await conversation.show(final.command);
		await conversation.showReply(final);
	}
	const result = final?.value ?? null;
	return repetition.problem ? failed(result, repetition.problem) : { result, exitCode: null };
}

import type { Actor } from "./access.ts";
import type { JsonValue } from "./json.ts";
import { clustersToName, clustersTouched, type Plan } from "./plan.ts";
import { type Problem, problem } from "./problem.ts";
import type { CommandOf } from "./session-command.ts";
import { jsonContent, type SessionEventDraft } from "./session-event.ts";
import { activeRuns, type RunState, type SessionState } from "./session-state.ts";
import { valueSet } from "./value-set.ts";

/** Which confirmation a plan asks for. A `lab` never asks for a typed name; `unknown` does not ask there. */
export function confirmationNeeded(
	plan: Pick<Plan, "risk" | "environment">,
	alwaysConfirm = false,
): "none" | "key" | "typed" {
	if (plan.risk === "destructive" && plan.environment !== "lab") return "typed";
	if (plan.risk === "destructive" || plan.risk === "change") return "key";
	if (plan.risk === "unknown" && plan.environment !== "lab") return "key";
	return alwaysConfirm ? "key" : "none";
}

export function requestRun(state: SessionState, command: CommandOf<"request-run">): SessionEventDraft[] | Problem {
	const { plan } = command;
	if (plan.session !== state.session || plan.runbook !== state.runbook.digest) {
		return problem("plan-moved", "The plan belongs to another session or another version of the runbook.");
	}
	if (command.shownDigest !== plan.digest) {
		return problem("plan-moved", "What would run now is not what was shown.", {
			data: { shown: command.shownDigest, now: plan as unknown as JsonValue },
		});
	}
	if (plan.steps.length === 0 || plan.steps.length !== command.runs.length) {
		return problem("bad-request", "A request names one run for each step of its plan.");
	}
	if (new Set(command.runs).size !== command.runs.length || command.runs.some((r) => Object.hasOwn(state.runs, r))) {
		return problem("bad-request", "A run's id is used once.");
	}
	for (const { step } of plan.steps) {
		if (!Object.hasOwn(state.steps, step)) return problem("step-unknown", `There is no step \`${step}\`.`);
	}
	const busy = activeRuns(state)[0];
	if (busy) {
		return problem("run-active", `\`${busy.step}\` is under way.`);
	}
	const outside = clustersTouched([...plan.rechecks, ...plan.steps]).find(({ environment }) => environment !== "lab");
	if (state.kind === "drill" && outside) return problem("target-not-lab", `${outside.cluster} is not a lab.`);
	if (state.kind === "rehearsal") {
		return problem("not-allowed", "In a rehearsal nothing is executed.", {
			next: "Read the plan; start a change or an incident to run it.",
		});
	}
	if (command.passOver && plan.steps.some((step) => step.when === undefined)) {
		return problem("bad-request", "Only a step with a condition can be passed over as not needed.");
	}
	const needed = command.passOver ? "none" : confirmationNeeded(plan, command.alwaysConfirm);
	if (needed !== "none" && command.confirmation === "none") {
		return problem("confirmation-needed", `This ${plan.risk} step asks to be confirmed.`, { data: { needed } });
	}
	if (needed === "typed") {
		const names = clustersToName(plan);
		if (command.typed === undefined || !names.includes(command.typed)) {
			return problem(
				command.typed === undefined ? "confirmation-needed" : "confirmation-wrong",
				`Type the name of the target: ${names.join(" or ")}.`,
				{ data: { needed } },
			);
		}
	}
	const attempts = (step: string) => (state.steps[step]?.runs.length ?? 0) + 1;
	return [
		{
			type: "run.requested",
			data: {
				unit: { name: plan.unit, group: command.group },
				runs: plan.steps.map(({ step }, i) => ({ run: command.runs[i] ?? "", step, attempt: attempts(step) })),
				planDigest: plan.digest,
				plan: jsonContent(plan as unknown as JsonValue),
				risk: plan.risk,
				environment: plan.environment,
				confirmation: command.confirmation,
				...(command.selection === undefined ? {} : { selection: { content: command.selection } }),
				...(command.passOver ? { passOver: true as const } : {}),
				approvalNeeded: false,
			},
		},
	];
}

export function approveRun(
	state: SessionState,
	command: CommandOf<"approve-run">,
	actor: Actor,
): SessionEventDraft[] | Problem {
	return withRun(state, command.run, ["awaiting-approval"], (run) => {
		if (run.requestedBy === actor.id) return problem("not-allowed", "Nobody approves their own step.");
		if (run.planDigest !== command.planDigest) return problem("plan-moved", "The approval is for another plan.");
		return [{ type: "run.approved", data: { run: run.run, planDigest: command.planDigest } }];
	});
}

export function rejectRun(state: SessionState, command: CommandOf<"reject-run">): SessionEventDraft[] | Problem {
	return withRun(state, command.run, ["requested", "awaiting-approval", "approved"], (run) => [
		{
			type: "run.rejected",
			data: { run: run.run, code: command.code, reason: { content: command.reason } },
		},
	]);
}

export function startRun(state: SessionState, command: CommandOf<"start-run">): SessionEventDraft[] | Problem {
	return withRun(state, command.run, ["requested", "approved"], (run) => {
		if (run.cancelRequested) return problem("cancelled", "It was cancelled before it began; nothing was sent.");
		if (run.planDigest !== command.planDigest) {
			return problem("plan-moved", "What would run now is not what was confirmed.");
		}
		return [
			{
				type: "run.started",
				data: {
					run: run.run,
					step: run.step,
					planDigest: run.planDigest,
					plan: run.plan,
					approval: run.approvedBy === undefined ? null : { by: run.approvedBy, planDigest: run.planDigest },
					...(command.topologyBefore === undefined ? {} : { topologyBefore: jsonContent(command.topologyBefore) }),
				},
			},
		];
	});
}

export function finishRun(state: SessionState, command: CommandOf<"finish-run">): SessionEventDraft[] | Problem {
	return withRun(state, command.run, ["started"], (run) => {
		const shown = Object.entries(command.captured ?? {}).filter(([name]) => !command.secretNames.includes(name));
		return [
			{
				type: "run.finished",
				data: {
					run: run.run,
					step: run.step,
					outcome: command.outcome,
					exitCode: command.exitCode,
					checked: command.checked,
					recording: command.recording,
					...(command.problem === undefined ? {} : { problem: jsonContent(command.problem) }),
					...(command.result === undefined ? {} : { result: jsonContent(command.result) }),
					...(shown.length === 0 ? {} : { captured: jsonContent(Object.fromEntries(shown)) }),
					...(command.checks === undefined ? {} : { checks: jsonContent(command.checks) }),
					...(command.commands === undefined ? {} : { commands: jsonContent(command.commands) }),
					...(command.topologyAfter === undefined ? {} : { topologyAfter: jsonContent(command.topologyAfter) }),
				},
			},
			...Object.entries(command.captured ?? {}).map(([name, value]) =>
				valueSet({ name, value, secret: command.secretNames.includes(name), source: "capture", run: run.run }),
			),
		];
	});
}

export function withRun(
	state: SessionState,
	id: string,
	from: readonly RunState["status"][],
	then: (run: RunState) => SessionEventDraft[] | Problem,
): SessionEventDraft[] | Problem {
	const run = Object.hasOwn(state.runs, id) ? state.runs[id] : undefined;
	if (!run) return problem("run-unknown", `There is no run ${id}.`);
	if (!from.includes(run.status)) return problem("run-not-active", `Run ${id} is ${run.outcome ?? run.status}.`);
	return then(run);
}

import { type Action, type Actor, can } from "./access.ts";
import type { JsonValue } from "./json.ts";
import type { Plan } from "./plan.ts";
import { type Problem, problem } from "./problem.ts";
import type { RecordingSummary } from "./recording.ts";
import type {
	Attachment,
	CloseOutcome,
	ContentDraft,
	RunOutcome,
	SessionEventDraft,
	SessionKind,
} from "./session-event.ts";
import { activeRuns, type RunState, type SessionState } from "./session-state.ts";

/** How a person (or the command line) confirmed a unit. */
export type Confirmation = "none" | "key" | "typed" | "flag";

/** Everything that can be asked of a session. Identifiers are made by the caller: nothing here is random. */
export type SessionCommand =
	| {
			type: "open";
			kind: SessionKind;
			ticket?: string;
			runbook: { path: string; digest: string };
			title: string;
			source: string;
			outline: { name: string; type: string; group?: string }[];
			participantName: string;
			values: { name: string; value?: JsonValue; secret: boolean }[];
	  }
	| { type: "join"; name: string }
	| { type: "leave" }
	| { type: "take-baton" }
	| { type: "pass-baton"; to: string }
	| { type: "set-value"; name: string; value?: JsonValue; secret: boolean; source: "person" | "capture"; run?: string }
	| { type: "edit-step"; step: string; body: string; diff: string; reason?: string }
	| { type: "skip-step"; step: string; reason: string }
	| {
			type: "add-step";
			step: string;
			stepType: string;
			after: string | null;
			body: string;
			attributes: Record<string, string>;
			reason?: string;
	  }
	| {
			type: "request-run";
			/** The plan as it is now. */
			plan: Plan;
			/** The digest that the person was shown. */
			shownDigest: string;
			group: boolean;
			/** One new id a step of the plan, in order. */
			runs: string[];
			confirmation: Confirmation;
			/** What was typed, where the plan asks for the target's name. */
			typed?: string;
			alwaysConfirm: boolean;
			selection?: string;
	  }
	| { type: "approve-run"; run: string; planDigest: string }
	| { type: "reject-run"; run: string; code: string; reason: string }
	| {
			type: "start-run";
			run: string;
			/** The plan as it is at this moment; for a later step of a group, the plan that the group began with. */
			planDigest: string;
			topologyBefore?: JsonValue;
	  }
	| { type: "record-input"; run: string; bytes: number }
	| { type: "answer-run"; run: string; answers: JsonValue; attachments: Attachment[] }
	| { type: "cancel-run"; run: string; reason?: string }
	| {
			type: "finish-run";
			run: string;
			outcome: RunOutcome;
			exitCode: number | null;
			checked: boolean;
			problem?: JsonValue;
			result?: JsonValue;
			captured?: Record<string, JsonValue>;
			/** Captured names whose value stays in memory. */
			secretNames: string[];
			checks?: JsonValue;
			commands?: JsonValue;
			recording: RecordingSummary | null;
			topologyAfter?: JsonValue;
	  }
	| {
			type: "add-note";
			note: string;
			text: string;
			attachments: Attachment[];
			step?: string;
			run?: string;
	  }
	| { type: "note-runbook-changed"; digest: string }
	| { type: "note-recovery"; epoch: number }
	| { type: "close"; outcome: CloseOutcome; summary: string };

/** What each command is, as far as access goes; null: only the server itself. */
const actionOf: Record<SessionCommand["type"], Action | null> = {
	open: "session.open",
	join: "session.read",
	leave: "session.read",
	"take-baton": "session.drive",
	"pass-baton": "session.drive",
	"set-value": "session.drive",
	"edit-step": "session.drive",
	"skip-step": "session.drive",
	"add-step": "session.drive",
	"request-run": "run.request",
	"approve-run": "run.approve",
	"reject-run": null,
	"start-run": null,
	"record-input": "run.input",
	"answer-run": "run.input",
	"cancel-run": "run.cancel",
	"finish-run": null,
	"add-note": "note.add",
	"note-runbook-changed": null,
	"note-recovery": null,
	close: "session.close",
};

/** Commands that only the holder of the baton gives. Cancelling and noting are everybody's. */
const driverOnly: ReadonlySet<SessionCommand["type"]> = new Set([
	"pass-baton",
	"set-value",
	"edit-step",
	"skip-step",
	"add-step",
	"request-run",
	"record-input",
	"answer-run",
	"close",
]);

/**
 * What a command makes of a session: events to append, or the problem that refuses it.
 * Pure: no clock, no randomness. `system` marks the server itself, which finishes and recovers runs.
 */
export function decide(
	state: SessionState,
	command: SessionCommand,
	actor: Actor,
	{ system = false }: { system?: boolean } = {},
): SessionEventDraft[] | Problem {
	const action = actionOf[command.type];
	if (!system) {
		if (action === null || !can(actor, action)) return problem("not-allowed", `You may not ${command.type}.`);
	}
	if (command.type === "open") return open(state, command, actor);
	if (state.status === "new") return problem("session-unknown", `There is no session ${state.session}.`);
	if (state.status === "closed" && command.type !== "leave" && command.type !== "join") {
		return problem("session-closed", `Session ${state.session} is closed.`);
	}
	if (!system && driverOnly.has(command.type) && state.driver !== actor.id) {
		return problem("not-driver", "Someone else drives this session.");
	}
	switch (command.type) {
		case "join":
			if (state.participants[actor.id]?.present) return [];
			return [
				{ type: "participant.joined", data: { participant: actor.id, name: { content: command.name } } },
				...(state.driver === null && state.status === "open"
					? [{ type: "baton.passed" as const, data: { from: null, to: actor.id, taken: true } }]
					: []),
			];
		case "leave":
			if (!state.participants[actor.id]?.present) return [];
			return [{ type: "participant.left", data: { participant: actor.id } }];
		case "take-baton":
			if (state.driver === actor.id) return [];
			return [{ type: "baton.passed", data: { from: state.driver, to: actor.id, taken: true } }];
		case "pass-baton":
			if (!state.participants[command.to]?.present) {
				return problem("bad-request", "The baton goes only to someone who is here.");
			}
			return [{ type: "baton.passed", data: { from: state.driver, to: command.to, taken: false } }];
		case "set-value":
			return [valueSet(command)];
		case "edit-step":
			return (
				stepIdle(state, command.step) ?? [
					{
						type: "step.edited",
						data: {
							step: command.step,
							body: { content: command.body },
							diff: { content: command.diff },
							...(command.reason === undefined ? {} : { reason: { content: command.reason } }),
						},
					},
				]
			);
		case "skip-step":
			return (
				stepIdle(state, command.step) ?? [
					{ type: "step.skipped", data: { step: command.step, reason: { content: command.reason } } },
				]
			);
		case "add-step":
			return addStep(state, command);
		case "request-run":
			return requestRun(state, command, actor);
		case "approve-run":
			return approveRun(state, command, actor);
		case "reject-run":
			return rejectRun(state, command);
		case "start-run":
			return startRun(state, command);
		case "record-input":
			return withRun(state, command.run, ["started"], () => [
				{ type: "run.input", data: { run: command.run, bytes: command.bytes } },
			]);
		case "answer-run":
			return withRun(state, command.run, ["started"], () => [
				{
					type: "run.answered",
					data: { run: command.run, answers: json(command.answers), attachments: command.attachments },
				},
			]);
		case "cancel-run":
			return withRun(state, command.run, ["started", "requested", "approved", "awaiting-approval"], (run) =>
				run.cancelRequested
					? []
					: [
							{
								type: "run.cancel-requested",
								data: {
									run: command.run,
									...(command.reason === undefined ? {} : { reason: { content: command.reason } }),
								},
							},
						],
			);
		case "finish-run":
			return finishRun(state, command);
		case "add-note":
			return [
				{
					type: "note.added",
					data: {
						note: command.note,
						text: { content: command.text },
						attachments: command.attachments,
						...(command.step === undefined ? {} : { step: command.step }),
						...(command.run === undefined ? {} : { run: command.run }),
					},
				},
			];
		case "note-runbook-changed":
			if (command.digest === state.runbookChanged) return [];
			return [{ type: "runbook.changed", data: { digest: command.digest } }];
		case "note-recovery":
			return [{ type: "session.recovered", data: { epoch: command.epoch, openRuns: activeRuns(state).length } }];
		case "close": {
			const active = activeRuns(state);
			if (active.length > 0) {
				return problem("run-active", `${active.map((r) => r.step).join(", ")} still runs.`);
			}
			return [{ type: "session.closed", data: { outcome: command.outcome, summary: { content: command.summary } } }];
		}
	}
}

type Of<T extends SessionCommand["type"]> = Extract<SessionCommand, { type: T }>;

const json = (value: JsonValue): ContentDraft => ({ content: JSON.stringify(value) });

function open(state: SessionState, command: Of<"open">, actor: Actor): SessionEventDraft[] | Problem {
	if (state.status !== "new") return problem("session-exists", `Session ${state.session} is open already.`);
	return [
		{
			type: "session.opened",
			data: {
				session: state.session,
				kind: command.kind,
				...(command.ticket === undefined ? {} : { ticket: { content: command.ticket } }),
				runbook: command.runbook,
				title: { content: command.title },
				source: { content: command.source },
				outline: json(
					command.outline.map(({ name, type, group }) => ({ name, type, ...(group === undefined ? {} : { group }) })),
				),
			},
		},
		{ type: "participant.joined", data: { participant: actor.id, name: { content: command.participantName } } },
		...command.values.map((value) => valueSet({ ...value, source: "parameter" })),
	];
}

function valueSet(value: {
	name: string;
	value?: JsonValue;
	secret: boolean;
	source: "parameter" | "person" | "capture";
	run?: string;
}): SessionEventDraft {
	return {
		type: "value.set",
		data: {
			name: value.name,
			...(value.secret || value.value === undefined ? {} : { value: json(value.value) }),
			secret: value.secret,
			source: value.source,
			...(value.run === undefined ? {} : { run: value.run }),
		},
	};
}

function stepIdle(state: SessionState, name: string): Problem | null {
	if (!Object.hasOwn(state.steps, name)) return problem("step-unknown", `There is no step \`${name}\`.`);
	const active = activeRuns(state).find((run) => run.step === name);
	return active ? problem("run-active", `\`${name}\` is running.`) : null;
}

function addStep(state: SessionState, command: Of<"add-step">): SessionEventDraft[] | Problem {
	if (Object.hasOwn(state.steps, command.step)) {
		return problem("step-name-duplicate", `There is a step \`${command.step}\` already.`);
	}
	if (command.after !== null) {
		const before = Object.hasOwn(state.steps, command.after) ? state.steps[command.after] : undefined;
		if (!before) return problem("step-unknown", `There is no step \`${command.after}\`.`);
		const following = state.order[state.order.indexOf(command.after) + 1];
		if (before.group !== undefined && following !== undefined && state.steps[following]?.group === before.group) {
			return problem("group-not-consecutive", "A step can't be added inside a group.", {
				next: "Add it before the group or after it.",
			});
		}
	}
	return [
		{
			type: "step.added",
			data: {
				step: command.step,
				type: command.stepType,
				after: command.after,
				body: { content: command.body },
				attributes: json(command.attributes),
				...(command.reason === undefined ? {} : { reason: { content: command.reason } }),
			},
		},
	];
}

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

function requestRun(state: SessionState, command: Of<"request-run">, actor: Actor): SessionEventDraft[] | Problem {
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
	const clusters = [...new Set(plan.steps.flatMap((s) => s.commands.map((c) => c.node)))];
	if (state.kind === "drill" && clusters.some((node) => node.environment !== "lab")) {
		return problem("target-not-lab", `${clusters.find((n) => n.environment !== "lab")?.cluster} is not a lab.`);
	}
	if (state.kind === "rehearsal") {
		return problem("not-allowed", "In a rehearsal nothing is executed.", {
			next: "Read the plan; start a change or an incident to run it.",
		});
	}
	const needed = confirmationNeeded(plan, command.alwaysConfirm);
	if (needed !== "none" && command.confirmation === "none") {
		return problem("confirmation-needed", `This ${plan.risk} step asks to be confirmed.`, { data: { needed } });
	}
	if (needed === "typed") {
		const names = new Set(clusters.map((node) => node.cluster));
		if (command.typed === undefined || !names.has(command.typed)) {
			return problem(
				command.typed === undefined ? "confirmation-needed" : "confirmation-wrong",
				`Type the name of the target: ${[...names].join(" or ")}.`,
				{ data: { needed } },
			);
		}
	}
	const attempts = (step: string) => (state.steps[step]?.runs.length ?? 0) + 1;
	void actor;
	return [
		{
			type: "run.requested",
			data: {
				unit: { name: plan.unit, group: command.group },
				runs: plan.steps.map(({ step }, i) => ({ run: command.runs[i] ?? "", step, attempt: attempts(step) })),
				planDigest: plan.digest,
				plan: json(plan as unknown as JsonValue),
				risk: plan.risk,
				environment: plan.environment,
				confirmation: command.confirmation,
				...(command.selection === undefined ? {} : { selection: { content: command.selection } }),
				approvalNeeded: false,
			},
		},
	];
}

function approveRun(state: SessionState, command: Of<"approve-run">, actor: Actor): SessionEventDraft[] | Problem {
	return withRun(state, command.run, ["awaiting-approval"], (run) => {
		if (run.requestedBy === actor.id) return problem("not-allowed", "Nobody approves their own step.");
		if (run.planDigest !== command.planDigest) return problem("plan-moved", "The approval is for another plan.");
		return [{ type: "run.approved", data: { run: run.run, planDigest: command.planDigest } }];
	});
}

function rejectRun(state: SessionState, command: Of<"reject-run">): SessionEventDraft[] | Problem {
	return withRun(state, command.run, ["requested", "awaiting-approval", "approved"], (run) => [
		{
			type: "run.rejected",
			data: { run: run.run, code: command.code, reason: { content: command.reason } },
		},
	]);
}

function startRun(state: SessionState, command: Of<"start-run">): SessionEventDraft[] | Problem {
	return withRun(state, command.run, ["requested", "approved"], (run) => {
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
					...(command.topologyBefore === undefined ? {} : { topologyBefore: json(command.topologyBefore) }),
				},
			},
		];
	});
}

function finishRun(state: SessionState, command: Of<"finish-run">): SessionEventDraft[] | Problem {
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
					...(command.problem === undefined ? {} : { problem: json(command.problem) }),
					...(command.result === undefined ? {} : { result: json(command.result) }),
					...(shown.length === 0 ? {} : { captured: json(Object.fromEntries(shown)) }),
					...(command.checks === undefined ? {} : { checks: json(command.checks) }),
					...(command.commands === undefined ? {} : { commands: json(command.commands) }),
					...(command.topologyAfter === undefined ? {} : { topologyAfter: json(command.topologyAfter) }),
				},
			},
			...Object.entries(command.captured ?? {}).map(([name, value]) =>
				valueSet({ name, value, secret: command.secretNames.includes(name), source: "capture", run: run.run }),
			),
		];
	});
}

function withRun(
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

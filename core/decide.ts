import { type Action, type Actor, can } from "./access.ts";
import { approveRun, finishRun, rejectRun, requestRun, startRun, withRun } from "./decide-run.ts";
import { type Problem, problem } from "./problem.ts";
import { unitsOf } from "./runbook.ts";
import type { CommandOf, SessionCommand } from "./session-command.ts";
import { jsonContent, type SessionEventDraft } from "./session-event.ts";
import { activeRuns, type SessionState } from "./session-state.ts";
import { valueSet } from "./value-set.ts";

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

/** Commands of whoever is here: who only reads a session leaves no word in it. Stopping a run is everybody's. */
const joinedOnly: ReadonlySet<SessionCommand["type"]> = new Set(["take-baton", "add-note"]);

/** Commands that only the holder of the baton gives. */
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
	if (!system && joinedOnly.has(command.type) && !isPresent(state, actor.id)) {
		return problem("not-joined", "You have not joined this session.");
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
			if (!isPresent(state, command.to)) {
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
			return skipStep(state, command);
		case "add-step":
			return addStep(state, command);
		case "request-run":
			return requestRun(state, command);
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
					data: { run: command.run, answers: jsonContent(command.answers), attachments: command.attachments },
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
			return addNote(state, command);
		case "note-runbook-changed":
			if (command.digest === (state.runbookChanged === undefined ? state.runbook.digest : state.runbookChanged))
				return [];
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

function open(state: SessionState, command: CommandOf<"open">, actor: Actor): SessionEventDraft[] | Problem {
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
				outline: jsonContent(
					command.outline.map(({ name, type, group }) => ({ name, type, ...(group === undefined ? {} : { group }) })),
				),
			},
		},
		{ type: "participant.joined", data: { participant: actor.id, name: { content: command.participantName } } },
		...command.values.map((value) => valueSet({ ...value, source: "parameter" })),
	];
}

/** Skips a step, or a whole group by its name: a group is run or skipped as one. */
function skipStep(state: SessionState, { step, reason }: CommandOf<"skip-step">): SessionEventDraft[] | Problem {
	const units = unitsOf(state.order.map((name) => ({ name, group: state.steps[name]?.group })));
	const unit = units.find(({ name, group, steps }) => (group ? name === step : steps.includes(step)));
	const within = units.find(({ steps }) => steps.length > 1 && steps.includes(step));
	if (within && unit === undefined) {
		return problem(
			"bad-request",
			`\`${step}\` belongs to the group \`${within.name}\`, which is run or skipped as one.`,
			{
				next: `Skip \`${within.name}\`.`,
			},
		);
	}
	const steps = unit?.steps ?? [step];
	for (const name of steps) {
		const busy = stepIdle(state, name);
		if (busy) return busy;
	}
	return steps.map((name) => ({ type: "step.skipped", data: { step: name, reason: { content: reason } } }));
}

function addNote(state: SessionState, command: CommandOf<"add-note">): SessionEventDraft[] | Problem {
	const { note, text, attachments, step, run } = command;
	if (step !== undefined && !Object.hasOwn(state.steps, step)) {
		return problem("step-unknown", `There is no step \`${step}\`.`);
	}
	if (run !== undefined && !Object.hasOwn(state.runs, run)) return problem("run-unknown", `There is no run ${run}.`);
	return [
		{
			type: "note.added",
			data: {
				note,
				text: { content: text },
				attachments,
				...(step === undefined ? {} : { step }),
				...(run === undefined ? {} : { run }),
			},
		},
	];
}

function isPresent(state: SessionState, id: string): boolean {
	return Object.hasOwn(state.participants, id) && state.participants[id]?.present === true;
}

function stepIdle(state: SessionState, name: string): Problem | null {
	if (!Object.hasOwn(state.steps, name)) return problem("step-unknown", `There is no step \`${name}\`.`);
	const active = activeRuns(state).find((run) => run.step === name);
	return active ? problem("run-active", `\`${name}\` is running.`) : null;
}

function addStep(state: SessionState, command: CommandOf<"add-step">): SessionEventDraft[] | Problem {
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
				attributes: jsonContent(command.attributes),
				...(command.reason === undefined ? {} : { reason: { content: command.reason } }),
			},
		},
	];
}

import { systemActor } from "./access.ts";
import { confirmationNeeded } from "./decide-run.ts";
import type { EventToApply } from "./evolve.ts";
import type { Content, SessionEvent } from "./session-event.ts";
import { sessionEventSchema } from "./session-event.ts";
import { activeRuns, type RunState, type RunStatus, type SessionState } from "./session-state.ts";

const knownTypes: ReadonlySet<string> = new Set(sessionEventSchema.options.map(({ shape }) => shape.type.value));

/** What only the holder of the baton does, or the server itself. */
const driverOnly: ReadonlySet<SessionEvent["type"]> = new Set([
	"step.edited",
	"step.skipped",
	"step.added",
	"run.requested",
	"run.answered",
	"session.closed",
]);

/** What nobody asks for: the server alone says it. */
const serverOnly: ReadonlySet<SessionEvent["type"]> = new Set([
	"session.recovered",
	"runbook.changed",
	"run.rejected",
	"run.started",
	"run.finished",
]);

const notStarted: readonly RunStatus[] = ["requested", "approved"];

/**
 * Why an event can't stand after the events that made this state: `decide` would have refused what it tells. Null when it
 * can, or when its type is not known to this version. The state is joined as far as the reader has its texts; what needs
 * an outline that is gone is not asked. The sentence says what is wrong, without the event's number.
 */
export function whyImpossible(state: SessionState, event: EventToApply): string | null {
	if (!knownTypes.has(event.type)) return null;
	const parsed = sessionEventSchema.safeParse({ type: event.type, data: event.data });
	if (!parsed.success) return `what a \`${event.type}\` tells is not there, or is of another form`;
	const by = event.actor.id;
	const system = by === systemActor.id;
	const { type, data } = parsed.data;
	if (type === "session.opened") {
		if (state.status !== "new") return "the session was opened before";
		return data.session === state.session ? null : "the session that was opened is another one";
	}
	if (state.status === "new") return "the session was not opened before";
	if (state.status === "closed" && type !== "participant.joined" && type !== "participant.left") {
		return `a \`${type}\` comes after the session was closed`;
	}
	if (serverOnly.has(type) && !system) return `only the server writes a \`${type}\`, and it is another's`;
	if (driverOnly.has(type) && !system && by !== state.driver) return `${by} did what only the one who drives may do`;
	return withinSession(state, parsed.data, by, system);
}

function withinSession(
	state: SessionState,
	{ type, data }: Exclude<SessionEvent, { type: "session.opened" }>,
	by: string,
	system: boolean,
): string | null {
	switch (type) {
		case "session.closed": {
			const [active] = activeRuns(state);
			return active ? `the session was closed while run ${active.run} was under way` : null;
		}
		case "session.recovered":
			return data.openRuns === activeRuns(state).length ? null : "another number of runs was open";
		case "runbook.changed": {
			const known = state.runbookChanged === undefined ? state.runbook.digest : state.runbookChanged;
			return data.digest === known ? "the runbook had not changed" : null;
		}
		case "participant.joined":
			if (data.participant !== by) return "who joined is not who did it";
			return isPresent(state, by) ? `${by} was here already` : null;
		case "participant.left":
			if (data.participant !== by) return "who left is not who did it";
			return isPresent(state, by) ? null : `${by} left without being here`;
		case "baton.passed":
			return impossibleBaton(state, data, by, system);
		case "value.set":
			return impossibleValue(state, data, by, system);
		case "step.edited":
		case "step.skipped":
			return unknownStep(state, data.step) ?? busyStep(state, data.step);
		case "step.added": {
			if (Object.hasOwn(state.steps, data.step)) return `there was a step \`${data.step}\` already`;
			return data.after === null ? null : (unknownStep(state, data.after) ?? insideGroup(state, data.after));
		}
		case "run.requested":
			return impossibleRequest(state, data);
		case "run.approved":
			return ofRun(state, data.run, ["awaiting-approval"], (run) => {
				if (run.requestedBy === by) return "nobody approves their own run";
				return run.planDigest === data.planDigest ? null : "another plan was approved than was asked for";
			});
		case "run.rejected":
			return ofRun(state, data.run, ["requested", "awaiting-approval", "approved"], () => null);
		case "run.started":
			return ofRun(state, data.run, notStarted, (run) => impossibleStart(run, data));
		case "run.input":
		case "run.answered":
			return ofRun(state, data.run, ["started"], () => null);
		case "run.cancel-requested":
			return ofRun(state, data.run, ["started", "awaiting-approval", ...notStarted], (run) =>
				run.cancelRequested ? `run ${run.run} was asked to be cancelled before` : null,
			);
		case "run.finished":
			return ofRun(state, data.run, ["started"], (run) => {
				if (run.step !== data.step) return `run ${run.run} is of another step`;
				const file = `recordings/${state.session}.${run.run}.cast`;
				return data.recording && data.recording.file !== file ? `run ${run.run} has another recording` : null;
			});
		case "note.added":
			// Whether they were here is not asked: earlier versions let whoever looked on note something, and take the baton.
			if (data.run !== undefined && !Object.hasOwn(state.runs, data.run)) return `run ${data.run} was never asked for`;
			return data.step === undefined ? null : unknownStep(state, data.step);
		default:
			return data satisfies never;
	}
}

type DataOf<T extends SessionEvent["type"]> = Extract<SessionEvent, { type: T }>["data"];

function impossibleBaton(
	state: SessionState,
	{ from, to, taken }: DataOf<"baton.passed">,
	by: string,
	system: boolean,
): string | null {
	if (from !== state.driver) return "the baton was not with the one who gave it";
	if (taken) return to !== by || to === from ? "the baton was taken by another than the one who has it then" : null;
	if (!system && by !== from) return `${by} passed a baton that was not theirs`;
	return isPresent(state, to) ? null : `the baton went to ${to}, who was not here`;
}

function impossibleValue(
	state: SessionState,
	{ source, run, value, secret }: DataOf<"value.set">,
	by: string,
	system: boolean,
): string | null {
	if (secret && value) return "a secret's value stands in the record";
	if (source === "capture") {
		if (!system) return "only the server captures a value";
		return run === undefined ? "a captured value is of no run" : ofRun(state, run, ["finished"], () => null);
	}
	if (!system && by !== state.driver) return `${by} did what only the one who drives may do`;
	// They come with the opening: nothing else has happened by then.
	const begun = Object.keys(state.runs).length > 0 || state.deviations > 0 || state.notes.length > 0;
	return source === "parameter" && begun ? "a parameter was set after the session had begun" : null;
}

function impossibleRequest(state: SessionState, data: DataOf<"run.requested">): string | null {
	const [busy] = activeRuns(state);
	if (busy) return `run ${busy.run} was still under way`;
	if (state.kind === "rehearsal") return "in a rehearsal nothing is run";
	if (state.kind === "drill" && data.environment !== "lab") return `a drill ran in ${data.environment}`;
	const needed = data.passOver ? "none" : confirmationNeeded(data);
	if (needed !== "none" && data.confirmation === "none") return `a ${data.risk} step was not confirmed`;
	const asked = new Set<string>();
	for (const { run, step, attempt } of data.runs) {
		if (asked.has(run) || Object.hasOwn(state.runs, run)) return `run ${run} was asked for before`;
		asked.add(run);
		const unknown = unknownStep(state, step);
		if (unknown) return unknown;
		const known = Object.hasOwn(state.steps, step) ? state.steps[step] : undefined;
		if (known && attempt !== known.runs.length + 1) return `run ${run} is not attempt ${attempt} of \`${step}\``;
	}
	return null;
}

/** That it was cancelled before is not among it: the first version began such a run, to end it at once. */
function impossibleStart(run: RunState, data: DataOf<"run.started">): string | null {
	if (run.step !== data.step) return `run ${run.run} is of another step`;
	if (run.planDigest !== data.planDigest || !isSame(run.plan, data.plan)) {
		return `run ${run.run} started on another plan than the one that was confirmed`;
	}
	const approved = data.approval === null ? undefined : data.approval.by;
	if (run.approvedBy !== approved || (data.approval && data.approval.planDigest !== run.planDigest)) {
		return `run ${run.run} was not approved as it says`;
	}
	return null;
}

function isSame(one: Content, other: Content): boolean {
	return one.ref === other.ref && one.bytes === other.bytes;
}

function ofRun(
	state: SessionState,
	id: string,
	from: readonly RunStatus[],
	then: (run: RunState) => string | null,
): string | null {
	const run = Object.hasOwn(state.runs, id) ? state.runs[id] : undefined;
	if (!run) return `run ${id} was never asked for`;
	if (from.includes(run.status)) return then(run);
	if (run.status === "finished") return `run ${id} had finished`;
	if (run.status === "rejected") return `run ${id} had been rejected`;
	return run.status === "started" ? `run ${id} had started` : `run ${id} had not started`;
}

function isPresent(state: SessionState, id: string): boolean {
	return Object.hasOwn(state.participants, id) && state.participants[id]?.present === true;
}

function unknownStep(state: SessionState, name: string): string | null {
	const outlined = state.order.some((step) => state.steps[step]?.added === undefined);
	return outlined && !Object.hasOwn(state.steps, name) ? `there was no step \`${name}\`` : null;
}

function busyStep(state: SessionState, name: string): string | null {
	const busy = activeRuns(state).find(({ step }) => step === name);
	return busy ? `run ${busy.run} of \`${name}\` was under way` : null;
}

function insideGroup(state: SessionState, after: string): string | null {
	const group = Object.hasOwn(state.steps, after) ? state.steps[after]?.group : undefined;
	const following = state.order[state.order.indexOf(after) + 1];
	const inside = group !== undefined && following !== undefined && state.steps[following]?.group === group;
	return inside ? "a step was added inside a group" : null;
}

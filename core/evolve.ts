import { z } from "zod";
import { type Content, type SessionEvent, sessionEventSchema } from "./session-event.ts";
import {
	newSession,
	type RunState,
	type RunStatus,
	type SessionState,
	type StepState,
	type StepStatus,
} from "./session-state.ts";

/** What `evolve` reads of an event; any envelope will do. */
export interface EventToApply {
	seq: number;
	at: string;
	actor: { id: string };
	type: string;
	data: unknown;
}

const outlineSchema = z.array(z.object({ name: z.string(), type: z.string(), group: z.string().optional() }));

/**
 * The state after one more event. Never fails: an event of an unknown type or form changes only `seq`,
 * and erased content leaves a gap where its text was.
 */
export function evolve(state: SessionState, event: EventToApply): SessionState {
	const next: SessionState = {
		...state,
		order: [...state.order],
		steps: { ...state.steps },
		runs: { ...state.runs },
		values: { ...state.values },
		participants: { ...state.participants },
		notes: [...state.notes],
	};
	evolveInPlace(next, event);
	return next;
}

/** The state after all these events: `evolve` over each, without a copy between. */
export function replay(session: string, events: Iterable<EventToApply>): SessionState {
	const state = newSession(session);
	for (const event of events) evolveInPlace(state, event);
	return state;
}

/** As `evolve`, on a state that is the caller's own: what an event touches is replaced in its containers. */
export function evolveInPlace(state: SessionState, event: EventToApply): void {
	state.seq = event.seq;
	const parsed = sessionEventSchema.safeParse({ type: event.type, data: event.data });
	if (!parsed.success) return;
	apply(state, parsed.data, event);
}

function apply(state: SessionState, { type, data }: SessionEvent, event: EventToApply): void {
	const by = event.actor.id;
	switch (type) {
		case "session.opened": {
			if (state.status !== "new") return;
			state.status = "open";
			state.kind = data.kind;
			state.runbook = data.runbook;
			if (data.ticket) state.ticket = data.ticket;
			state.title = data.title;
			state.source = data.source;
			state.openedBy = by;
			state.openedAt = event.at;
			state.driver = by;
			for (const step of readOutline(data.outline)) {
				if (Object.hasOwn(state.steps, step.name)) continue;
				state.order.push(step.name);
				setOwn(state.steps, step.name, {
					name: step.name,
					type: step.type,
					...(step.group === undefined ? {} : { group: step.group }),
					status: "idle",
					runs: [],
				});
			}
			return;
		}
		case "session.closed":
			if (state.status !== "open") return;
			state.status = "closed";
			state.closedAt = event.at;
			state.close = { outcome: data.outcome, summary: data.summary, by };
			return;
		case "session.recovered":
			return;
		case "runbook.changed":
			if (data.digest === state.runbook.digest) delete state.runbookChanged;
			else state.runbookChanged = data.digest;
			return;
		case "participant.joined":
			setOwn(state.participants, data.participant, { name: data.name, present: true });
			return;
		case "participant.left": {
			const person = own(state.participants, data.participant);
			if (person) setOwn(state.participants, data.participant, { ...person, present: false });
			return;
		}
		case "baton.passed":
			state.driver = data.to;
			return;
		case "value.set":
			setOwn(state.values, data.name, {
				...(data.value ? { value: data.value } : {}),
				secret: data.secret,
				source: data.source,
				...(data.run ? { run: data.run } : {}),
				seq: event.seq,
			});
			return;
		case "step.edited":
			changeStep(state, data.step, (step) => ({
				...step,
				edited: { body: data.body, diff: data.diff, by, seq: event.seq },
			}));
			state.deviations += 1;
			return;
		case "step.skipped":
			changeStep(state, data.step, (step) => ({ ...step, status: "skipped", skipped: { reason: data.reason, by } }));
			state.deviations += 1;
			return;
		case "step.added": {
			if (Object.hasOwn(state.steps, data.step)) return;
			const at = data.after === null ? 0 : state.order.indexOf(data.after) + 1;
			state.order.splice(data.after !== null && at === 0 ? state.order.length : at, 0, data.step);
			setOwn(state.steps, data.step, {
				name: data.step,
				type: data.type,
				status: "idle",
				runs: [],
				added: { body: data.body, attributes: data.attributes, by },
			});
			state.deviations += 1;
			return;
		}
		case "run.requested": {
			const siblings = data.runs.map((r) => r.run);
			for (const { run, step, attempt } of data.runs) {
				if (Object.hasOwn(state.runs, run)) continue;
				setOwn(state.runs, run, {
					run,
					step,
					unit: data.unit.name,
					siblings,
					attempt,
					status: data.approvalNeeded ? "awaiting-approval" : "requested",
					requestedBy: by,
					planDigest: data.planDigest,
					plan: data.plan,
					risk: data.risk,
					environment: data.environment,
					confirmation: data.confirmation,
					...(data.selection ? { selection: data.selection } : {}),
					inputBytes: 0,
					attachments: [],
					requestedAt: event.at,
				});
				changeStep(state, step, (s) => ({
					...s,
					status: data.approvalNeeded ? "awaiting-approval" : "requested",
					runs: [...s.runs, run],
				}));
			}
			if (data.selection) state.deviations += 1;
			return;
		}
		case "run.approved":
			changeRun(state, data.run, ["awaiting-approval"], (run) => ({ ...run, status: "approved", approvedBy: by }));
			return;
		case "run.rejected":
			changeRun(state, data.run, ["requested", "awaiting-approval", "approved"], (run) => {
				changeStep(state, run.step, (step) => ({ ...step, status: statusBefore(state, step, run.run) }));
				return { ...run, status: "rejected", problem: data.reason, finishedAt: event.at };
			});
			return;
		case "run.started":
			changeRun(state, data.run, ["requested", "approved"], (run) => {
				changeStep(state, run.step, (step) => ({ ...step, status: "running" }));
				return {
					...run,
					status: "started",
					startedAt: event.at,
					startedSeq: event.seq,
					...(data.topologyBefore ? { topologyBefore: data.topologyBefore } : {}),
				};
			});
			return;
		case "run.input":
			changeRun(state, data.run, ["started"], (run) => ({ ...run, inputBytes: run.inputBytes + data.bytes }));
			return;
		case "run.answered":
			changeRun(state, data.run, ["started"], (run) => ({
				...run,
				answers: data.answers,
				attachments: data.attachments,
			}));
			return;
		case "run.cancel-requested":
			changeRun(state, data.run, ["started", "requested", "approved", "awaiting-approval"], (run) => ({
				...run,
				cancelRequested: true,
			}));
			return;
		case "run.finished":
			changeRun(state, data.run, ["started"], (run) => {
				changeStep(state, run.step, (step) => ({ ...step, status: data.outcome }));
				const { problem, result, captured, checks, commands, topologyAfter } = data;
				return {
					...run,
					status: "finished",
					outcome: data.outcome,
					exitCode: data.exitCode,
					checked: data.checked,
					recording: data.recording,
					finishedAt: event.at,
					...(problem ? { problem } : {}),
					...(result ? { result } : {}),
					...(captured ? { captured } : {}),
					...(checks ? { checks } : {}),
					...(commands ? { commands } : {}),
					...(topologyAfter ? { topologyAfter } : {}),
				};
			});
			return;
		case "note.added":
			state.notes.push({
				note: data.note,
				text: data.text,
				attachments: data.attachments,
				...(data.step ? { step: data.step } : {}),
				...(data.run ? { run: data.run } : {}),
				by,
				at: event.at,
			});
			return;
		default:
			data satisfies never;
	}
}

/** Names come from runbooks: `__proto__` must not reach a prototype. */
function setOwn<T>(record: Record<string, T>, key: string, value: T): void {
	Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}

function own<T>(record: Record<string, T>, key: string): T | undefined {
	return Object.hasOwn(record, key) ? record[key] : undefined;
}

function changeStep(state: SessionState, name: string, change: (step: StepState) => StepState): void {
	const step = own(state.steps, name);
	if (step) setOwn(state.steps, name, change(step));
}

function changeRun(
	state: SessionState,
	id: string,
	from: readonly RunStatus[],
	change: (run: RunState) => RunState,
): void {
	const run = own(state.runs, id);
	if (run && from.includes(run.status)) setOwn(state.runs, id, change(run));
}

/** A rejected run leaves the step as its latest finished run left it. */
function statusBefore(state: SessionState, step: StepState, rejected: string): StepStatus {
	const earlier = step.runs.filter((run) => run !== rejected).map((run) => own(state.runs, run));
	const last = earlier.findLast((run) => run?.outcome !== undefined);
	return last?.outcome ?? (step.skipped ? "skipped" : "idle");
}

function readOutline(outline: Content): z.infer<typeof outlineSchema> {
	if (outline.content === undefined) return [];
	try {
		const parsed = outlineSchema.safeParse(JSON.parse(outline.content));
		return parsed.success ? parsed.data : [];
	} catch {
		return [];
	}
}

import type { Risk } from "./plan.ts";
import type { RecordingSummary } from "./recording.ts";
import type { Attachment, CloseOutcome, Content, RunOutcome, SessionKind } from "./session-event.ts";
import type { Environment } from "./target.ts";

export type RunStatus = "requested" | "awaiting-approval" | "approved" | "started" | "finished" | "rejected";

/** One attempt at one step. */
export interface RunState {
	run: string;
	step: string;
	/** The unit that it was asked for with; equal to the step when it stands alone. */
	unit: string;
	/** The runs of the same request, in order. */
	siblings: string[];
	attempt: number;
	status: RunStatus;
	outcome?: RunOutcome;
	requestedBy: string;
	planDigest: string;
	plan: Content;
	risk: Risk;
	environment: Environment;
	confirmation: "none" | "key" | "typed" | "flag";
	selection?: Content;
	approvedBy?: string;
	cancelRequested?: boolean;
	exitCode?: number | null;
	checked?: boolean;
	problem?: Content;
	result?: Content;
	captured?: Content;
	checks?: Content;
	commands?: Content;
	recording?: RecordingSummary | null;
	topologyBefore?: Content;
	topologyAfter?: Content;
	answers?: Content;
	inputBytes: number;
	attachments: Attachment[];
	requestedAt: string;
	startedAt?: string;
	/** The event that began it: what has a smaller number was there for it. */
	startedSeq?: number;
	finishedAt?: string;
}

export type StepStatus =
	| "idle"
	| "requested"
	| "awaiting-approval"
	| "running"
	| "succeeded"
	| "failed"
	| "cancelled"
	| "lost"
	| "skipped";

export interface StepState {
	name: string;
	type: string;
	group?: string;
	status: StepStatus;
	/** Its runs, oldest first. */
	runs: string[];
	/** Set when a person changed the text for this session. */
	edited?: { body: Content; diff: Content; by: string; seq: number };
	/** Set when it was not in the runbook. */
	added?: { body: Content; attributes: Content; by: string };
	skipped?: { reason: Content; by: string };
}

export interface ValueState {
	/** JSON; absent for a secret. */
	value?: Content;
	secret: boolean;
	source: "parameter" | "person" | "capture";
	run?: string;
	seq: number;
}

export interface NoteState {
	note: string;
	text: Content;
	attachments: Attachment[];
	step?: string;
	run?: string;
	by: string;
	at: string;
}

/** What is known of a session after its events. Plain JSON, so that a browser can be handed it. */
export interface SessionState {
	session: string;
	status: "new" | "open" | "closed";
	kind: SessionKind;
	ticket?: Content;
	runbook: { path: string; digest: string };
	/** Set while the file is not what was opened: its new digest, or null when it is gone. */
	runbookChanged?: string | null;
	title?: Content;
	source?: Content;
	openedBy?: string;
	openedAt?: string;
	closedAt?: string;
	close?: { outcome: CloseOutcome; summary: Content; by: string };
	/** Document order, added steps in place. */
	order: string[];
	steps: Record<string, StepState>;
	runs: Record<string, RunState>;
	values: Record<string, ValueState>;
	participants: Record<string, { name?: Content; present: boolean }>;
	notes: NoteState[];
	/** Who holds the baton. */
	driver: string | null;
	/** How many deviations: edited, skipped, added, selected. */
	deviations: number;
	/** The last event that was applied. */
	seq: number;
}

/** The state before the first event. */
export function newSession(session: string): SessionState {
	return {
		session,
		status: "new",
		kind: "incident",
		runbook: { path: "", digest: "" },
		order: [],
		steps: {},
		runs: {},
		values: {},
		participants: {},
		notes: [],
		driver: null,
		deviations: 0,
		seq: 0,
	};
}

/** Whether a step has nothing to do, as its `when` said; a person who passes over a step skips it. */
export function wasNotNeeded(step: Pick<StepState, "status" | "skipped">): boolean {
	return step.status === "skipped" && step.skipped === undefined;
}

/**
 * Which run of its step this is, the first being 1, of those that began: one that was asked for and refused before anything went
 * out is no attempt to whoever reads of it, though the event that asked counts it.
 */
export function attemptsUpTo(state: Pick<SessionState, "runs" | "steps">, run: Pick<RunState, "run" | "step">): number {
	const runs = state.steps[run.step]?.runs ?? [];
	const until = runs.slice(0, runs.indexOf(run.run) + 1);
	return Math.max(1, until.filter((id) => state.runs[id]?.startedAt !== undefined).length);
}

/** Runs that have begun and not ended. */
export function activeRuns(state: SessionState): RunState[] {
	return Object.values(state.runs).filter((run) => run.status !== "finished" && run.status !== "rejected");
}

/** The first step that is still to be done, in document order; null when none is. */
export function nextStep(state: SessionState): string | null {
	for (const name of state.order) {
		const status = state.steps[name]?.status;
		if (status !== "succeeded" && status !== "skipped") return name;
	}
	return null;
}

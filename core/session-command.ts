import type { JsonValue } from "./json.ts";
import type { Plan } from "./plan.ts";
import type { RecordingSummary } from "./recording.ts";
import type { Attachment, CloseOutcome, RunOutcome, SessionKind } from "./session-event.ts";

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
			/** Only to be passed over as not needed: it can't send anything, so it asks nobody. */
			passOver?: boolean;
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
	/** The file's digest now; null: it is gone. */
	| { type: "note-runbook-changed"; digest: string | null }
	| { type: "note-recovery"; epoch: number }
	| { type: "close"; outcome: CloseOutcome; summary: string };

/** The command of one type. */
export type CommandOf<T extends SessionCommand["type"]> = Extract<SessionCommand, { type: T }>;

import type { FunctionComponent } from "preact";
import type { JsonValue } from "../core/json.ts";
import type { StepPlan } from "../core/plan.ts";
import type { StepSpec } from "../core/runbook.ts";
import type { Attachment } from "../core/session-event.ts";
import type { RunState } from "../core/session-state.ts";
import type { HandedValue, KnownValue } from "./handed-value.ts";

/** What a step's preview gets. */
export interface PreviewProps {
	spec: StepSpec;
	plan: StepPlan | null;
	/** `ran`: the plan is the one of a run, and its text is all that counts; `edited`: a person has changed the spec's text. */
	about?: "ran" | "edited";
	/** The session's values as this plan uses them. */
	known: KnownValue;
}

/** What a running step that needs a person gets. */
export interface AnswerProps {
	spec: StepSpec;
	run: RunState;
	/** Only the driver answers. */
	mayAnswer: boolean;
	answer(answers: JsonValue, attachments: Attachment[]): Promise<void>;
	/** What was typed into this run's form before a reload, as `keep` had it; undefined when nothing was. */
	draft: JsonValue | undefined;
	/** Keeps what is typed, with each change, until it is answered. */
	keep(draft: JsonValue): void;
	/** Stores a picture and gives what to attach. */
	upload(file: Blob): Promise<Attachment>;
}

/** What a finished step's result gets. */
export interface ResultProps {
	spec: StepSpec;
	run: RunState;
	/** The joined, parsed result; undefined when erased or absent. */
	result: JsonValue | undefined;
}

/** The browser half of a step type; what is absent is shown in the default way. */
export interface StepView {
	/** Replaces the list of commands before the run. */
	preview?: FunctionComponent<PreviewProps>;
	/** The values that a step of this plan hands to its program beside its text. */
	handed?(plan: StepPlan): HandedValue[];
	/** What a step of this plan says or asks, its values filled in, where that is no command. */
	said?(plan: StepPlan): string;
	/** Shown while it runs, in place of a terminal. */
	answer?: FunctionComponent<AnswerProps>;
	/** Its program reads the keyboard: the live terminal can be typed into. */
	typing?: true;
	/** Whether a step of this plan is made to be answered at the keyboard: its terminal takes the focus when it starts. */
	asksKeyboard?(plan: StepPlan): boolean;
	/** Shown after the run, above the output. */
	result?: FunctionComponent<ResultProps>;
}

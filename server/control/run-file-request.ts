import type { Plan } from "../../core/plan.ts";
import type { Problem } from "../../core/problem.ts";
import type { RecordHealth } from "../../core/protocol.ts";
import type { JoinedEvent, SessionKind } from "../../core/session-event.ts";

/** What `runledger run` asks for. */
export interface RunFileRequest {
	/** An absolute path. */
	file: string;
	/** What such a runbook usually is, unless told. */
	kind?: SessionKind | undefined;
	ticket?: string | undefined;
	values: Record<string, string>;
	/** Only these steps, in the document's order; empty: all but those that are not for running all. */
	only: string[];
	/** Every question that a flag may answer is answered. */
	yes: boolean;
	/** Targets outside a lab on which destructive steps may run. */
	confirm: string[];
}

/** What whoever waits for the run hears, in order. */
export interface RunListener {
	event(event: JoinedEvent): void;
	/** Terminal bytes of a run as they are recorded. */
	output(run: string, bytes: Uint8Array): void;
	/** The record can't be written and what runs is held, or it can again. */
	recordHealth(health: RecordHealth): void;
	/** Shows the plan and asks; `typed` gives the name of the target that must be typed. Null: nobody is there to ask. */
	ask: ((plan: Plan, confirmation: "key" | "typed", title: string) => Promise<{ yes: boolean; typed?: string }>) | null;
}

/** How it went. `exitCode` as the command line ends: 0, 1 a step failed, 2 nothing could be run so, 3 the record. */
export interface RunFileResult {
	session: string;
	exitCode: 0 | 1 | 2 | 3;
	summary: string;
	/** What ended it, when it was not a step's own failure. */
	problem: Problem | null;
}

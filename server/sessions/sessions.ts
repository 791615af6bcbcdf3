import type { Identity } from "../../core/access.ts";
import type { JsonValue } from "../../core/json.ts";
import type { Plan } from "../../core/plan.ts";
import type { Problem } from "../../core/problem.ts";
import type { SessionSnapshot, SessionSummary } from "../../core/protocol.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { Attachment, CloseOutcome, JoinedEvent, Origin, SessionKind } from "../../core/session-event.ts";
import type { RunState, SessionState } from "../../core/session-state.ts";
import type { Topology } from "../../core/target.ts";
import type { RunTerminalHandle } from "../terminals/run-terminal.ts";
import type { AddedText } from "./step-texts.ts";

/** Who asks, and from where. Both go into the event. */
export interface Caller {
	identity: Identity;
	origin: Origin;
}

/** A request to run a step or a group. */
export interface RunRequest {
	unit: string;
	/** The digest of the plan that was shown; the command line shows and asks in one. */
	planDigest: string;
	confirmation: "none" | "key" | "typed" | "flag";
	typed?: string;
	selection?: string;
	/** Only to be passed over as not needed: what is needed by then is not begun. */
	passOver?: true;
}

/** What the run of a unit came to: one state a step that was started, in order. */
export interface UnitOutcome {
	outcome: "succeeded" | "failed" | "cancelled" | "lost";
	runs: RunState[];
}

/**
 * The sessions of this server: one queue each; decide, append, evolve, publish, act.
 * Every method that changes something resolves only when its events are durable, and throws ProblemError when refused.
 */
export interface Sessions {
	/**
	 * Opens a session on a runbook, as it is read now. Gives its id. `only`: the steps that will run, when not all; what the
	 * others alone ask for needs no value. Nothing has begun when a value is missing or unusable.
	 */
	open(
		request: {
			path: string;
			kind?: SessionKind | undefined;
			ticket?: string;
			values: Record<string, JsonValue>;
			only?: readonly string[];
		},
		caller: Caller,
	): Promise<string>;
	state(session: string): SessionState;
	/** The runbook as the session opened it. */
	runbook(session: string): Runbook;
	/** Without presence, which the socket knows. */
	snapshot(session: string): Promise<Omit<SessionSnapshot, "presence">>;
	/** Newest first; open ones among them. */
	list(): SessionSummary[];
	events(session: string, afterSeq: number, limit: number): JoinedEvent[];

	join(session: string, caller: Caller): Promise<void>;
	leave(session: string, caller: Caller): Promise<void>;
	takeBaton(session: string, caller: Caller): Promise<number>;
	passBaton(session: string, to: string, caller: Caller): Promise<number>;
	setValue(session: string, name: string, value: JsonValue, caller: Caller): Promise<number>;
	editStep(session: string, step: string, body: string, reason: string | undefined, caller: Caller): Promise<number>;
	skipStep(session: string, step: string, reason: string, caller: Caller): Promise<number>;
	addStep(session: string, added: AddedText, caller: Caller): Promise<{ seq: number; step: string }>;
	addNote(
		session: string,
		note: { text: string; attachments: Attachment[]; step?: string; run?: string },
		caller: Caller,
	): Promise<number>;
	close(session: string, outcome: CloseOutcome, summary: string, caller: Caller): Promise<number>;

	/** The plan of a unit as it is now, and whether all of it would be passed over as not needed. Reads only, off the queue. */
	plan(
		session: string,
		unit: string,
		selection?: string,
	): Promise<{ plan: Plan; confirmation: "none" | "key" | "typed"; unneeded: boolean }>;
	/** Requests a unit and starts it; resolves when the request is durable. `finished` resolves when the unit has ended. */
	request(
		session: string,
		request: RunRequest,
		caller: Caller,
	): Promise<{ runs: string[]; finished: Promise<UnitOutcome> }>;
	cancel(session: string, run: string, caller: Caller): Promise<number>;
	/** Cancels a run that no person has asked to cancel: the reason is recorded, as far as the record can be written. */
	giveUp(session: string, run: string, reason: Problem): Promise<void>;
	answer(session: string, run: string, answers: JsonValue, attachments: Attachment[], caller: Caller): Promise<number>;
	/** Who may type into a run's terminal: its session's driver, while it runs. */
	mayInput(run: string, person: string): boolean;
	/** Records typed bytes, as who and how many. */
	recordInput(run: string, bytes: number, caller: Caller): void;

	/** Masks a session's secrets in a text, as they are known now; nothing once it is closed. */
	maskOf(session: string): (text: string) => string;
	/** Masks in a short text the secrets of every session that are known now, of whichever it is. */
	maskAll(text: string): string;

	/** The terminal of a run that is under way; null when it has ended (its recording is then in the store). */
	terminal(run: string): RunTerminalHandle | null;
	/** The session that a run belongs to. */
	sessionOf(run: string): string | null;

	/** Durable events as they come, per session. */
	follow(listener: (session: string, events: JoinedEvent[]) => void): () => void;
	followProgress(
		listener: (progress: {
			session: string;
			run: string;
			waitingFor: string;
			sinceMs: number;
			timeoutMs: number;
		}) => void,
	): () => void;
	/** Topologies of configured clusters as they are read; `watch` keeps one observed while somebody looks. */
	watchTopology(cluster: string, listener: (topology: Topology) => void): () => void;
	lastTopology(cluster: string): Topology | null;
	/** The clusters that a session's steps and parameters name: what its page watches. */
	clustersOf(session: string): string[];

	/** Tells every open session on a runbook what its file is now: its digest, or null when it is gone. */
	noteRunbook(path: string, digest: string | null): Promise<void>;

	/** At start: ends what was left over, finishes open intents as `lost`. Gives how many. */
	recover(): Promise<number>;
	/**
	 * Cancels what runs with grace and records it; nothing starts any more. What has not ended in its time is killed. Gives why
	 * the end of a run is not in the record, which the next start records as lost, or null when all is.
	 */
	stop(): Promise<Problem | null>;
	/** Closes the connections to clusters. */
	dispose(): Promise<void>;
}

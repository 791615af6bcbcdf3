import { createHmac } from "node:crypto";
import type { JsonValue } from "../../core/json.ts";
import { type Problem, ProblemError } from "../../core/problem.ts";
import type { RecordHealth } from "../../core/protocol.ts";
import { recordedPlan } from "../../core/recorded.ts";
import { valueNames } from "../../core/runbook.ts";
import type { CommandOf, SessionCommand } from "../../core/session-command.ts";
import type { ChosenCluster } from "../../core/session-environment.ts";
import type { JoinedEvent, ServerEventDraft } from "../../core/session-event.ts";
import type { SessionState } from "../../core/session-state.ts";
import type { StepType } from "../../core/step-type.ts";
import { foldName, isBaseVariable, isValueName, looksSecret } from "../../core/variable-name.ts";
import type { StepExecutor } from "../../steps/step-executor.ts";
import type { TargetHost } from "../../targets/target-kind.ts";
import type { EventStore } from "../records/event-store.ts";
import type { RecordingStore } from "../records/recording-store.ts";
import { CarriedEnvironments } from "./carried-environments.ts";
import { isUnneeded } from "./is-unneeded.ts";
import { maskedJson } from "./masked-outcome.ts";
import { openCommand } from "./open-command.ts";
import { checkValue, readParameter, refuseShortSecret } from "./parameter-values.ts";
import { PendingAnswers } from "./pending-answers.ts";
import { Planner } from "./planner.ts";
import { recoverSession } from "./recover-session.ts";
import { refuseUnknownAttachments } from "./refuse-unknown-attachments.ts";
import { RunRequests, type RunRequestsParts } from "./run-requests.ts";
import { scopeOf } from "./scope-of.ts";
import { SessionQueues } from "./session-queues.ts";
import { type ParseRunbook, SessionRunbook } from "./session-runbook.ts";
import { SessionSecrets } from "./session-secrets.ts";
import { clustersChosen, clustersNamed, clustersWith, summarise } from "./session-summary.ts";
import { plainValues, SecretValues } from "./session-values.ts";
import type { Caller, Sessions } from "./sessions.ts";
import { StepTexts } from "./step-texts.ts";
import { stepTitles } from "./step-titles.ts";
import { type ConfiguredTarget, Topologies } from "./topologies.ts";

/** Everything that the sessions are made of; handed in, so that nothing here reads a global. */
export interface SessionsParts {
	store: EventStore;
	recordings: RecordingStore;
	/** Appends to the server's own stream. */
	serverEvent(draft: ServerEventDraft): Promise<void>;
	/** Reads a runbook's source by its path; throws `runbook-not-found`. */
	readSource(path: string): Promise<string>;
	parse: ParseRunbook;
	stepTypes: readonly StepType[];
	executorOf(type: string): StepExecutor;
	target(name: string): ConfiguredTarget | null;
	host: TargetHost;
	openTerminal: RunRequestsParts["openTerminal"];
	/** Ends processes that earlier runs left, by the marker in their environment; gives how many. */
	endStrays(runs: readonly string[]): Promise<number>;
	/** A stop takes at most so long, in milliseconds, before what still runs is killed. */
	stopWithinMs: number;
	newId(): string;
	now(): Date;
	monoMs(): number;
	/** Key of the data folder; session keys are derived from it. */
	key: Uint8Array;
	defaultTimeoutMs: number;
	recordHealth(): RecordHealth;
	usuallyMs(runbook: string): number | null;
}

/** Opens the sessions of a data folder. Call `recover` before anything else is asked. */
export function openSessions(parts: SessionsParts): Sessions {
	const queues = new SessionQueues(parts.store);
	const queueOf = (session: string) => queues.of(session);
	const progressListeners = new Set<Parameters<Sessions["followProgress"]>[0]>();
	const secrets = new SecretValues();
	const carried = new CarriedEnvironments();
	const pending = new PendingAnswers();
	const topologies = new Topologies(parts.target, parts.host);
	const runbooks = new SessionRunbook(parts.parse, parts.stepTypes);
	const guarded = new SessionSecrets(secrets, parts.target, parts.host);
	const planner = new Planner({
		topologies,
		runbooks,
		secrets,
		carried: (session, node) => carried.of(session, node),
		executorOf: parts.executorOf,
		host: parts.host,
		isSecretName: looksSecret,
		sessionKey: (session) => createHmac("sha256", parts.key).update(session).digest(),
		defaultTimeoutMs: parts.defaultTimeoutMs,
	});

	const texts = new StepTexts(planner, runbooks);

	async function give(session: string, command: SessionCommand, caller: Caller): Promise<number> {
		const queue = queueOf(session);
		await queue.apply(command, caller.identity, caller.origin);
		return queue.state.seq;
	}

	async function headEvent(session: string, at: "opened" | "closed", event: JoinedEvent): Promise<void> {
		await parts.serverEvent({ type: "session.head", data: { session, at, seq: event.seq, hash: event.hash } });
	}

	const kindOfTarget = (name: string) => parts.target(name)?.target.kind ?? null;

	const requests = new RunRequests({
		...parts,
		planner,
		topologies,
		secrets,
		guarded,
		clustersOf,
		carried,
		pending,
		isSecretName: looksSecret,
		progress: (progress) => {
			for (const listener of progressListeners) listener(progress);
		},
	});

	/** Incomplete answers are refused while they can still be completed. */
	function checkAnswers(state: SessionState, run: string, answers: JsonValue): Problem | null {
		const { step, plan } = state.runs[run] ?? {};
		const type = parts.stepTypes.find((t) => t.name === (step === undefined ? "" : state.steps[step]?.type));
		const steps = recordedPlan(plan)?.steps;
		if (!type?.checkAnswers || steps === undefined) return null;
		const planned = steps.find((s) => s.step === step);
		return type.checkAnswers(planned?.detail ?? null, answers);
	}

	function clustersOf(state: SessionState): string[] {
		return clustersNamed(state, runbooks.pinned(state));
	}

	function chosenOf(state: SessionState): ChosenCluster[] {
		const chosen = clustersChosen(state, runbooks.pinned(state));
		const isLocal = chosen.length === 0 && parts.target("local")?.target.isAssumed !== true;
		return (isLocal ? ["local"] : chosen).map((cluster) => ({
			cluster,
			environment: parts.target(cluster)?.target.environment ?? null,
		}));
	}

	/** The session's secrets with those of the targets that it names now. */
	function secretsOf(session: string): SessionSecrets {
		guarded.useTargets(session, clustersOf(queueOf(session).state));
		return guarded;
	}

	/** Keeps the secrets that a session is to be opened with. Throws `secret-in-text` when another of its values holds one. */
	function keepSecrets(
		session: string,
		{ source, runbook: { path }, values }: CommandOf<"open">,
		given: Record<string, JsonValue>,
	): void {
		const runbook = parts.parse(source, path);
		const plain = new Map<string, JsonValue>();
		for (const { name, value, secret } of values) {
			if (value === undefined) continue;
			if (secret) secrets.set(session, name, value);
			else plain.set(name, value);
		}
		guarded.useTargets(session, clustersWith(plain, runbook));
		for (const { name, type, default: otherwise } of runbook.parameters) {
			const value = plain.get(name);
			// A default stands in the source, which is recorded.
			if (value === undefined || type === "target") continue;
			for (const held of [Object.hasOwn(given, name) ? (given[name] ?? value) : value, value]) {
				guarded.refuseIn(session, held, { before: otherwise ?? "", parameter: name });
			}
		}
	}

	/** What a person selects to run is what they wrote: the server does not take its place in the text on trust. */
	function checkSelection(session: string, unit: string, selection: string | undefined): void {
		if (selection === undefined) return;
		const { state } = queueOf(session);
		const steps = runbooks.units(state).find(({ name, steps }) => name === unit || steps.includes(unit))?.steps ?? [];
		const shown = steps.map((name) => runbooks.step(state, name).body).join("\n");
		secretsOf(session).refuseIn(session, selection, { before: shown });
	}
	const maskOf = (session: string) => secretsOf(session).mask(session);

	return {
		async open({ path, kind, ticket, values, only }, caller) {
			const source = await parts.readSource(path);
			const command = openCommand({ path, kind, ticket, values, source, only }, caller.identity.name, parts);
			const session = parts.newId();
			try {
				keepSecrets(session, command, values);
			} catch (error) {
				secrets.forget(session);
				throw error;
			}
			if (command.ticket !== undefined) command.ticket = guarded.mask(session)(command.ticket);
			const queue = queues.create(session);
			const events = await queue.apply(command, caller.identity, caller.origin).catch((error: unknown) => {
				secrets.forget(session);
				throw error;
			});
			queues.keep(queue);
			const opened = events[0];
			if (opened) await headEvent(session, "opened", opened);
			return session;
		},
		state: (session) => queueOf(session).state,
		runbook: (session) => runbooks.pinned(queueOf(session).state),
		async snapshot(session) {
			const { state } = queueOf(session);
			const clusters = clustersOf(state).filter((cluster) => parts.target(cluster) !== null);
			const shown = clusters.map((cluster) => topologies.last(cluster)).filter((topology) => topology !== null);
			return {
				state,
				runbook: runbooks.pinned(state),
				clusters,
				chosen: chosenOf(state),
				topologies: shown,
				events: parts.store.read(session, Math.max(0, state.seq - 300)),
				usuallyMs: parts.usuallyMs(state.runbook.path),
				secretsHeld: [...secrets.of(session).keys()],
				record: parts.recordHealth(),
			};
		},
		list() {
			const summaries = queues.heads().map((head) => {
				const { state } = queueOf(head.stream);
				const titles = stepTitles(runbooks.pinned(state), state);
				return summarise(state, queues.lastEventAt(head), clustersOf(state), chosenOf(state), titles, parts.now());
			});
			return summaries.sort((a, b) => (a.openedAt < b.openedAt ? 1 : -1));
		},
		events: (session, afterSeq, limit) => {
			queueOf(session);
			return parts.store.read(session, afterSeq, limit);
		},

		async join(session, caller) {
			await give(session, { type: "join", name: caller.identity.name }, caller);
		},
		async leave(session, caller) {
			await give(session, { type: "leave" }, caller);
		},
		takeBaton: (session, caller) => give(session, { type: "take-baton" }, caller),
		passBaton: (session, to, caller) => give(session, { type: "pass-baton", to }, caller),
		async setValue(session, given, value, caller) {
			const { state } = queueOf(session);
			const name = declaredName(given, valueNames(runbooks.pinned(state)));
			const parameter = runbooks.pinned(state).parameters.find((p) => p.name === name);
			if (!parameter) checkName(name, runbooks.valueNames(state));
			checkValue(name, value);
			const read = parameter ? readParameter(parameter, value, kindOfTarget) : value;
			const isDeclared = parameter ? parameter.type === "secret" : looksSecret(name);
			// A value that replaces a secret is one, whatever it is called.
			const secret = isDeclared || (Object.hasOwn(state.values, name) && state.values[name]?.secret === true);
			if (secret) {
				refuseShortSecret(name, read);
				guarded.refuseMore(session, read);
			} else if (parameter?.type !== "target") {
				// As it was given too: as text, what it holds is escaped.
				for (const held of [value, read]) secretsOf(session).refuseIn(session, held, { parameter: name });
			}
			const seq = await give(session, { type: "set-value", name, value: read, secret, source: "person" }, caller);
			if (secret) secrets.set(session, name, read);
			// What an earlier step exported under this name is older than what the person says now.
			carried.drop(session, [name]);
			return seq;
		},
		async editStep(session, step, body, reason, caller) {
			const { state } = queueOf(session);
			const shown = Object.hasOwn(state.steps, step) ? runbooks.step(state, step).body : "";
			secretsOf(session).refuseIn(session, body, { before: shown });
			const told = reason === undefined ? undefined : maskOf(session)(reason);
			return give(session, await texts.edit(() => queueOf(session).state, step, body, told), caller);
		},
		skipStep: async (session, step, reason, caller) =>
			give(session, { type: "skip-step", step, reason: maskOf(session)(reason) }, caller),
		async addStep(session, added, caller) {
			for (const text of [added.title, added.body]) secretsOf(session).refuseIn(session, text);
			const command = await texts.add(() => queueOf(session).state, added);
			return { seq: await give(session, command, caller), step: command.step };
		},
		addNote: async (session, note, caller) => {
			await refuseUnknownAttachments(parts.recordings, note.attachments);
			const text = maskOf(session)(note.text);
			return give(session, { type: "add-note", note: parts.newId(), ...note, text }, caller);
		},
		async close(session, outcome, summary, caller) {
			const queue = queueOf(session);
			const told = maskOf(session)(summary);
			const events = await queue.apply({ type: "close", outcome, summary: told }, caller.identity, caller.origin);
			const closed = events[0];
			if (closed) await headEvent(session, "closed", closed);
			secrets.forget(session);
			carried.forget(session);
			return queue.state.seq;
		},

		async plan(session, unit, selection) {
			checkSelection(session, unit, selection);
			const { state } = queueOf(session);
			const planned = await planner.plan(state, unit, selection);
			const { plan, confirmation } = planned;
			const unneeded = isUnneeded(plan, scopeOf(planned, plainValues(state), parts.monoMs));
			return { plan, confirmation, unneeded };
		},
		async request(session, request, caller) {
			checkSelection(session, request.unit, request.selection);
			return requests.request(queueOf(session), request, caller);
		},
		async cancel(session, run, caller) {
			const seq = await give(session, { type: "cancel-run", run }, caller);
			requests.abort(run, new ProblemError("cancelled", "A person cancelled this run."));
			return seq;
		},
		async giveUp(session, run, reason) {
			try {
				await queueOf(session).applyAsServer({ type: "cancel-run", run, reason: reason.detail });
			} finally {
				requests.abort(run, ProblemError.of(reason));
			}
		},
		async answer(session, run, answers, attachments, caller) {
			await refuseUnknownAttachments(parts.recordings, attachments);
			if (!pending.isWaiting(run)) throw new ProblemError("run-not-active", "This run does not wait for an answer.");
			const wrong = checkAnswers(queueOf(session).state, run, answers);
			if (wrong) throw ProblemError.of(wrong);
			const told = maskedJson(answers, maskOf(session));
			const seq = await give(session, { type: "answer-run", run, answers: told, attachments }, caller);
			pending.give(run, answers);
			return seq;
		},
		mayInput(run, person) {
			const session = queues.sessionOf(run);
			if (session === null) return false;
			const { state } = queueOf(session);
			return state.driver === person && state.runs[run]?.status === "started";
		},
		recordInput(run, bytes, caller) {
			const session = queues.sessionOf(run);
			if (session !== null) requests.recordInput(queueOf(session), run, bytes, caller);
		},

		maskOf,
		maskAll: (text) => guarded.maskAll(text),

		terminal: (run) => requests.terminal(run),
		sessionOf: (run) => queues.sessionOf(run),

		follow: (listener) => queues.follow(listener),
		followProgress(listener) {
			progressListeners.add(listener);
			return () => progressListeners.delete(listener);
		},
		watchTopology: (cluster, listener) => topologies.watch(cluster, listener),
		lastTopology: (cluster) => topologies.last(cluster),
		clustersOf: (session) => clustersOf(queueOf(session).state),

		async noteRunbook(path, digest) {
			for (const { stream } of queues.heads()) {
				const queue = queueOf(stream);
				if (queue.state.status !== "open" || queue.state.runbook.path !== path) continue;
				await queue.applyAsServer({ type: "note-runbook-changed", digest });
			}
		},

		async recover() {
			let lost = 0;
			for (const { stream } of queues.heads()) {
				lost += await recoverSession(queueOf(stream), {
					...parts,
					finish: (queue, run, outcome, recording) => requests.finish(queue, run, outcome, recording),
				});
			}
			return lost;
		},
		stop: () => requests.stop(new ProblemError("cancelled", "The server was stopped.")),
		dispose: () => topologies.close(),
	};
}

/** The name that the runbook has for a value, however it is spelled. */
function declaredName(given: string, declared: readonly string[]): string {
	if (declared.includes(given)) return given;
	return declared.find((name) => foldName(name) === foldName(given)) ?? given;
}

/** Refuses a value that nothing in the session reads, or that would change how programs run. */
function checkName(name: string, known: ReadonlySet<string>): void {
	if (isBaseVariable(name)) throw new ProblemError("parameter-reserved", `\`${name}\` is a variable of every shell.`);
	if (isValueName(name) && known.has(name)) return;
	throw new ProblemError("parameter-invalid", `Nothing in this session reads a value \`${name}\`.`, {
		next: `Its values are ${[...known].sort().join(", ") || "none"}.`,
	});
}

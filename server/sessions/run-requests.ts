import { setTimeout as delay } from "node:timers/promises";
import type { JsonValue } from "../../core/json.ts";
import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import type { RecordingSummary } from "../../core/recording.ts";
import type { SessionState } from "../../core/session-state.ts";
import type { CarriedEnvironment, StepExecutor } from "../../steps/step-executor.ts";
import type { TargetHost } from "../../targets/target-kind.ts";
import { createMasking } from "../terminals/masker.ts";
import type { RunTerminalHandle } from "../terminals/run-terminal.ts";
import {
	type CarriedEnvironments,
	changedEnvironment,
	withinBounds,
	withoutSpellings,
} from "./carried-environments.ts";
import { InputCounts } from "./input-counts.ts";
import type { StepOutcome } from "./judge-result.ts";
import { maskedOutcome } from "./masked-outcome.ts";
import { refuseShortSecret } from "./parameter-values.ts";
import type { PendingAnswers } from "./pending-answers.ts";
import type { Planner } from "./planner.ts";
import { problemOf } from "./problem-of.ts";
import { createRunContext } from "./run-context.ts";
import { scopeOf } from "./scope-of.ts";
import { secretTexts } from "./secret-texts.ts";
import type { SessionQueue } from "./session-queue.ts";
import type { SessionSecrets } from "./session-secrets.ts";
import { plainValues, type SecretValues } from "./session-values.ts";
import type { Caller, RunRequest, Sessions, UnitOutcome } from "./sessions.ts";
import type { Topologies } from "./topologies.ts";
import { runUnit, type UnitHost } from "./unit-runner.ts";

export interface RunRequestsParts {
	planner: Planner;
	topologies: Topologies;
	secrets: SecretValues;
	guarded: SessionSecrets;
	/** The clusters that a session names now. */
	clustersOf(state: SessionState): string[];
	carried: CarriedEnvironments;
	pending: PendingAnswers;
	host: TargetHost;
	executorOf(type: string): StepExecutor;
	/** Opens the recorded terminal of a run. */
	openTerminal(options: {
		session: string;
		run: string;
		title: string;
		secrets: string[];
		signal: AbortSignal;
		/** Called when the output's limit is reached: the run is stopped. */
		onLimit(): void;
	}): Promise<RunTerminalHandle>;
	/** Ends the processes of runs at once, by the marker in their environment. */
	endStrays(runs: readonly string[]): Promise<number>;
	/** A stop takes at most so long, in milliseconds, before what still runs is killed. */
	stopWithinMs: number;
	newId(): string;
	monoMs(): number;
	isSecretName(name: string): boolean;
	progress(progress: Parameters<Parameters<Sessions["followProgress"]>[0]>[0]): void;
}

/** How long an ended run's terminal can still be followed, and how many of them: each holds a window of its output. */
const lateViewerMs = 60_000;
const mostOverTerminals = 8;

/** How often a finished run is offered to a record that can't be written. */
const retryFinishMs = 500;

/** After a stop has begun, so long is a record that can't be written waited for, in milliseconds. */
const stopPatienceMs = 5_000;
/** What is left after a stop's time is killed, and may take so long to be gone. */
const killedWithinMs = 2_000;

/** What a unit was planned with and is not in its plan as text. Its own steps may change it, nobody else. */
interface HeldValues {
	plain: ReadonlyMap<string, JsonValue>;
	secrets: ReadonlyMap<string, JsonValue>;
	carried: CarriedEnvironment;
}

interface ActiveUnit {
	controller: AbortController;
	finished: Promise<unknown>;
}

/** Asked-for units, from the durable request to the durable end. */
export class RunRequests {
	readonly #parts: RunRequestsParts;
	readonly #units = new Map<string, ActiveUnit>();
	readonly #terminals = new Map<string, RunTerminalHandle>();
	readonly #input: InputCounts;
	#stopped: ProblemError | null = null;
	#stoppedAtMs = Number.POSITIVE_INFINITY;
	#stopping: Promise<Problem | null> | null = null;
	/** Why the end of a run is not in the record, and won't be. */
	#unrecorded: Problem | null = null;

	constructor(parts: RunRequestsParts) {
		this.#parts = parts;
		this.#input = new InputCounts();
	}

	/** Plans anew, makes the request durable and starts the unit. Throws what refuses it. */
	async request(
		queue: SessionQueue,
		request: RunRequest,
		caller: Caller,
	): Promise<{ runs: string[]; finished: Promise<UnitOutcome> }> {
		if (this.#stopped) throw this.#stopped;
		const { guarded, clustersOf } = this.#parts;
		guarded.refuseMore(queue.session);
		const planned = await this.#parts.planner.plan(queue.state, request.unit, request.selection);
		const nodes = planned.plan.steps.flatMap(({ commands }) => commands.map(({ node }) => node.cluster));
		guarded.useTargets(queue.session, new Set([...clustersOf(queue.state), ...nodes]));
		const runs = planned.plan.steps.map(() => this.#parts.newId());
		await queue.apply(
			{
				type: "request-run",
				plan: planned.plan,
				shownDigest: request.planDigest,
				group: planned.plan.steps.length > 1 || planned.plan.unit !== planned.plan.steps[0]?.step,
				runs,
				confirmation: request.confirmation,
				...(request.typed === undefined ? {} : { typed: request.typed }),
				alwaysConfirm: planned.confirmation !== "none",
				...(request.selection === undefined ? {} : { selection: request.selection }),
				...(request.passOver ? { passOver: true } : {}),
			},
			caller.identity,
			caller.origin,
		);
		const controller = new AbortController();
		const finished = this.#run(queue, request, runs, controller.signal).finally(() => {
			for (const run of runs) this.#units.delete(run);
		});
		for (const run of runs) this.#units.set(run, { controller, finished });
		if (this.#stopped) controller.abort(this.#stopped);
		return { runs, finished };
	}

	abort(run: string, reason: ProblemError): void {
		this.#units.get(run)?.controller.abort(reason);
	}

	terminal(run: string): RunTerminalHandle | null {
		return this.#terminals.get(run) ?? null;
	}

	/** A page whose line broke while the run ended still comes for its last bytes. */
	#forgetTerminalLater(run: string): void {
		setTimeout(() => this.#terminals.delete(run), lateViewerMs).unref();
		const over = [...this.#terminals.keys()].filter((known) => !this.#units.has(known));
		for (const old of over.slice(0, -mostOverTerminals)) this.#terminals.delete(old);
	}

	/** Counts typed bytes; they become one event a burst. */
	recordInput(queue: SessionQueue, run: string, bytes: number, caller: Caller): void {
		this.#input.add(queue, run, bytes, caller);
	}

	/**
	 * Cancels everything that runs and waits until it is recorded; what has not ended within `stopWithinMs` is killed. Gives
	 * why the end of a run is not in the record, or null when all is.
	 */
	stop(reason: ProblemError): Promise<Problem | null> {
		this.#stopping ??= this.#stop(reason);
		return this.#stopping;
	}

	async #stop(reason: ProblemError): Promise<Problem | null> {
		this.#stopped = reason;
		this.#stoppedAtMs = this.#parts.monoMs();
		const active = new Set(this.#units.values());
		for (const { controller } of active) controller.abort(reason);
		const ended = Promise.allSettled([...active].map(({ finished }) => finished)).then(() => true);
		const late = (ms: number) => delay(ms, false, { ref: false });
		if (!(await Promise.race([ended, late(this.#parts.stopWithinMs)]))) {
			await this.#parts.endStrays([...this.#units.keys()]);
			await Promise.race([ended, late(killedWithinMs)]);
			this.#unrecorded ??= problem("record-unwritable", "what still ran was killed");
		}
		return this.#unrecorded;
	}

	/**
	 * Makes the end of a run durable: tried as often as it takes while the record can't be written, and given up after a stop.
	 * Then the next start finds the open intent and records it as lost.
	 */
	async finish(
		queue: SessionQueue,
		run: string,
		outcome: StepOutcome,
		recording: RecordingSummary | null,
	): Promise<void> {
		const { captured, problem, ...rest } = outcome;
		const command = {
			type: "finish-run" as const,
			run,
			...rest,
			captured,
			// What holds a secret is one, whatever it is called.
			secretNames: Object.entries(captured)
				.filter(([name, value]) => this.#isSecret(queue, name) || this.#parts.guarded.holds(queue.session, value))
				.map(([name]) => name),
			...(problem ? { problem: problem as unknown as JsonValue } : {}),
			recording,
		};
		// Who follows the record masks what it makes of this run with these already.
		for (const name of command.secretNames) {
			const value = captured[name];
			if (value !== undefined) this.#parts.secrets.remember(queue.session, name, value);
		}
		for (;;) {
			try {
				await queue.applyAsServer(command);
				break;
			} catch (error) {
				const told = problemOf(error);
				if (told.code !== "record-unwritable") throw error;
				if (this.#parts.monoMs() - this.#stoppedAtMs > stopPatienceMs) {
					this.#unrecorded ??= told;
					return;
				}
				await delay(retryFinishMs);
			}
		}
		for (const name of command.secretNames) {
			const value = captured[name];
			if (value !== undefined) this.#parts.secrets.set(queue.session, name, value);
		}
	}

	async #run(queue: SessionQueue, request: RunRequest, runs: string[], signal: AbortSignal): Promise<UnitOutcome> {
		// Before the plan is made: what changes from here on gives another digest, or comes too late for the whole unit.
		const held = this.#heldValues(queue);
		const host = this.#hostOf(queue, held);
		try {
			// The cluster may have moved while the request was made durable: plan once more, at this moment.
			const planned = await this.#parts.planner.plan(queue.state, request.unit, request.selection);
			if (planned.plan.digest !== request.planDigest) {
				throw new ProblemError("plan-moved", "What would run now is not what was confirmed.", {
					data: { shown: request.planDigest, now: planned.plan as unknown as JsonValue },
				});
			}
			const scope = scopeOf(planned, held.plain, this.#parts.monoMs);
			await runUnit(planned, runs, scope, host, signal, { passOver: request.passOver === true });
		} catch (error) {
			await this.#rejectOpen(queue, runs, problemOf(error));
		}
		const states = runs.map((run) => queue.state.runs[run]).filter((run) => run !== undefined);
		const bad = states.find((run) => run.outcome !== "succeeded" && run.outcome !== "skipped");
		const outcome = bad === undefined ? "succeeded" : (bad.outcome ?? (bad.cancelRequested ? "cancelled" : "failed"));
		return { outcome: outcome === "skipped" ? "failed" : outcome, runs: states };
	}

	/** Whatever was asked for and never began is told as such. */
	async #rejectOpen(queue: SessionQueue, runs: readonly string[], reason: Problem): Promise<void> {
		for (const run of runs) {
			const status = queue.state.runs[run]?.status;
			if (status === "requested" || status === "approved") await this.#rejected(queue, run, reason);
		}
	}

	async #rejected(queue: SessionQueue, run: string, reason: Problem): Promise<void> {
		try {
			await queue.applyAsServer({ type: "reject-run", run, code: reason.code, reason: reason.detail });
		} catch (error) {
			// With the record unwritable the next start rejects it; nothing was sent.
			if (problemOf(error).code !== "record-unwritable") throw error;
		}
	}

	/** Values and carried environment as they are now: a person's change in mid-unit is for what is planned after it. */
	#heldValues({ session, state }: SessionQueue): HeldValues {
		const { variables, ...rest } = this.#parts.carried.of(session, "local");
		return {
			plain: plainValues(state),
			secrets: new Map(this.#parts.secrets.of(session)),
			carried: { ...rest, variables: new Map(variables) },
		};
	}

	/** Whether a value of this name stays out of the record: by its name, or because the value before was a secret. */
	#isSecret({ state }: SessionQueue, name: string): boolean {
		return this.#parts.isSecretName(name) || (Object.hasOwn(state.values, name) && state.values[name]?.secret === true);
	}

	#hostOf(queue: SessionQueue, held: HeldValues): UnitHost {
		const { session } = queue;
		const parts = this.#parts;
		const isSecret = (name: string) => this.#isSecret(queue, name);
		// What the unit has captured too: a step that stays open for its `finally` is not recorded yet.
		const secretsOf = (captured: Iterable<[string, JsonValue]> = []) =>
			secretTexts([
				...parts.guarded.values(session),
				...held.secrets.values(),
				...[...captured, ...held.carried.variables].filter(([name]) => isSecret(name)).map(([, value]) => value),
			]);
		return {
			started: async (run, planDigest, topologyBefore) => {
				await queue.applyAsServer({
					type: "start-run",
					run,
					planDigest,
					...(topologyBefore === undefined ? {} : { topologyBefore }),
				});
			},
			finished: async (run, outcome, recording) => {
				this.#forgetTerminalLater(run);
				await this.#input.flush(queue);
				// What this step captures is its secret too: its result holds what it was taken from.
				const mask = createMasking(secretsOf(Object.entries(outcome.captured))).text;
				await this.finish(queue, run, maskedOutcome(outcome, mask), recording);
			},
			rejected: (run, reason) => this.#rejected(queue, run, reason),
			openTerminal: async (run, plan, scope, signal) => {
				const terminal = await parts.openTerminal({
					session,
					run,
					title: plan.step,
					secrets: secretsOf(scope.values),
					signal,
					onLimit: () => this.abort(run, new ProblemError("output-limit")),
				});
				this.#terminals.set(run, terminal);
				return terminal;
			},
			executorOf: parts.executorOf,
			bind: (scope) => ({ values: new Map([...held.secrets, ...scope.values]), carried: held.carried }),
			context: (run, plan, commands, terminal, signal, bound) =>
				createRunContext({
					session,
					run,
					plan,
					terminal,
					commands,
					scope: commands.scope,
					signal,
					topologies: parts.topologies,
					host: parts.host,
					values: new Map([...commands.scope.values, ...held.secrets]),
					hmac: (value) => parts.planner.hmac(session, value),
					carried: () => held.carried,
					...(bound ? { bound } : {}),
					carry: (whole) => {
						for (const [name, value] of Object.entries(whole.set)) {
							if (value === "" || !parts.isSecretName(name)) continue;
							refuseShortSecret(name, value, "Export a longer one, or under a name of no secret.");
							parts.secrets.remember(session, name, value);
						}
						const { change, left } = withinBounds(held.carried, whole);
						held.carried = changedEnvironment(held.carried, change);
						parts.carried.apply(session, "local", change);
						for (const [name, text] of Object.entries(change.set)) {
							commands.scope.exported(plan.step, name, text, held.secrets);
						}
						return left;
					},
					progress: (waitingFor, sinceMs, timeoutMs) =>
						parts.progress({ session, run, waitingFor, sinceMs, timeoutMs }),
					answers: (aborting) => parts.pending.wait(run, aborting),
				}),
			readTopology: async (cluster) => {
				const topology = await parts.topologies.read(cluster);
				return "code" in topology ? null : topology;
			},
			captured: (names) => {
				held.carried = withoutSpellings(held.carried, names);
				parts.carried.drop(session, names);
			},
			isSecretName: isSecret,
			monoMs: parts.monoMs,
		};
	}
}

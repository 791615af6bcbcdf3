import type { JsonValue } from "../../core/json.ts";
import { clustersToName, type Plan } from "../../core/plan.ts";
import { isProblem, type Problem, ProblemError, problem } from "../../core/problem.ts";
import { problemCatalogue } from "../../core/problem-catalogue.ts";
import type { RecordHealth, TargetSummary } from "../../core/protocol.ts";
import { type StepSpec, type Unit, unitsOf } from "../../core/runbook.ts";
import type { JoinedEvent, SessionKind } from "../../core/session-event.ts";
import type { RunState } from "../../core/session-state.ts";
import type { Engine } from "../engine.ts";
import type { Caller, UnitOutcome } from "../sessions/sessions.ts";
import { closeWalk, type Ended } from "./close-walk.ts";
import { followOutput } from "./follow-output.ts";
import { heldPatienceMs, watchHeldRecord } from "./held-record.ts";

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

/** A plan that moves between being read and being asked for is read again so often. */
const mostPlans = 5;

/**
 * Walks one session through a runbook's file: unit by unit in order, ends with the first failure, closes the session in words.
 * A manual step is never answered by a flag: it is skipped as not attested and the walk goes on.
 * Throws ProblemError when the session can't be opened at all.
 */
export async function runFile(
	engine: Engine,
	request: RunFileRequest,
	caller: Caller,
	listener: RunListener,
	signal: AbortSignal,
): Promise<RunFileResult> {
	const { sessions } = engine;
	const path = await engine.given.give(request.file, engine.configuration.runbooks);
	const source = engine.given.source(path) ?? (await engine.library.open(path)).source;
	const runbook = engine.library.parse(source, path);
	const units = chosenUnits(runbook.steps, request.only);

	let session: string | null = null;
	const early: { session: string; event: JoinedEvent }[] = [];
	const tell = (event: JoinedEvent) => listener.event(event);
	const unwatch = engine.followTerminals((terminal) => {
		if (terminal.session === session) followOutput(terminal.log, (bytes) => listener.output(terminal.run, bytes));
	});
	const unfollow = sessions.follow((of, events) => {
		for (const event of events) {
			if (session === null) early.push({ session: of, event });
			else if (of === session) tell(event);
		}
	});
	const open = async (opening: Parameters<typeof sessions.open>[0]) => {
		try {
			return await sessions.open(opening, caller);
		} catch (error) {
			throw error instanceof ProblemError ? ProblemError.of(withOptions(error.problem, engine.targets())) : error;
		}
	};
	const held = watchHeldRecord(engine.folder.health, {
		cancelled: signal,
		patienceMs: listener.ask ? null : heldPatienceMs,
		told: (health) => listener.recordHealth(health),
	});
	try {
		session = await open({
			path,
			kind: request.kind,
			values: request.values as Record<string, JsonValue>,
			...(request.only.length === 0 ? {} : { only: units.flatMap((unit) => unit.steps) }),
			...(request.ticket === undefined ? {} : { ticket: request.ticket }),
		});
		for (const told of early) if (told.session === session) tell(told.event);
		const walk = new Walk(engine, session, request, caller, listener, held.signal);
		let ended: Ended = { failed: null, problem: null };
		for (const unit of units) {
			ended = await walk.unit(unit, runbook.steps);
			if (ended.failed !== null) break;
		}
		return await closeWalk(engine, session, units, ended, caller, held);
	} finally {
		held.close();
		unfollow();
		unwatch();
	}
}

/** What is wrong with a parameter, with the options of the command line that mend it. */
function withOptions(told: Problem, targets: readonly TargetSummary[]): Problem {
	const { code, data } = told;
	if (code === "parameter-missing" && Array.isArray(data)) {
		const options = (data as { name: string; type: string }[]).map(({ name, type }) =>
			type === "target" ? `--target ${name}=CLUSTER` : `--set ${name}=VALUE`,
		);
		return { ...told, next: `Add ${options.join(" ")}.` };
	}
	if ((code === "target-unknown" || code === "target-kind-mismatch") && data !== undefined) {
		const { parameter } = data as { parameter: string };
		const known = targets.map(({ name, kind }) => `${name} (${kind})`).join(", ");
		return { ...told, next: `Choose one with --target ${parameter}=CLUSTER. The targets are ${known || "none"}.` };
	}
	return told;
}

const fine: Ended = { failed: null, problem: null };

class Walk {
	readonly #engine: Engine;
	readonly #session: string;
	readonly #request: RunFileRequest;
	readonly #caller: Caller;
	readonly #listener: RunListener;
	readonly #signal: AbortSignal;

	constructor(
		engine: Engine,
		session: string,
		request: RunFileRequest,
		caller: Caller,
		listener: RunListener,
		signal: AbortSignal,
	) {
		this.#engine = engine;
		this.#session = session;
		this.#request = request;
		this.#caller = caller;
		this.#listener = listener;
		this.#signal = signal;
	}

	async unit(unit: Unit, steps: readonly StepSpec[]): Promise<Ended> {
		const { sessions } = this.#engine;
		const specs = steps.filter((step) => unit.steps.includes(step.name));
		const first = specs[0]?.name ?? unit.name;
		if (this.#signal.aborted) return { failed: first, problem: cancelled() };
		try {
			const manual = specs.filter((step) => step.type === "manual");
			for (const step of manual) await sessions.skipStep(this.#session, step.name, "not attested", this.#caller);
			if (manual.length === specs.length) return fine;
			if (manual.length > 0) {
				// What stands behind a person's word in a group must not run without it.
				return { failed: first, problem: problem("not-attested", `The group \`${unit.name}\` holds a manual step.`) };
			}
			const title = unit.group
				? `${unit.name}: ${specs.map((s) => s.title).join(", ")}`
				: (specs[0]?.title ?? unit.name);
			const outcome = await this.#run(unit.name, title);
			if (outcome === null) {
				const no = problem("confirmation-needed", `\`${title}\` was not confirmed.`);
				return { failed: first, problem: this.#signal.aborted ? cancelled() : no };
			}
			if (outcome.outcome === "succeeded") return fine;
			const failed = outcome.runs.find((run) => run.outcome !== "succeeded" && run.outcome !== "skipped");
			return { failed: failed?.step ?? first, problem: problemOfRun(failed) };
		} catch (error) {
			if (error instanceof ProblemError) return { failed: first, problem: error.problem };
			throw error;
		}
	}

	/** Plans, has it confirmed, and runs it; null when the answer was no. */
	async #run(unit: string, title: string): Promise<UnitOutcome | null> {
		const { sessions } = this.#engine;
		for (let plans = 1; ; plans++) {
			const { plan, confirmation } = await sessions.plan(this.#session, unit);
			const confirmed = await this.#confirm(plan, confirmation, title);
			if (confirmed === null) return null;
			try {
				const { runs, finished } = await sessions.request(
					this.#session,
					{ unit, planDigest: plan.digest, ...confirmed },
					this.#caller,
				);
				const cancel = () => {
					for (const run of runs) sessions.cancel(this.#session, run, this.#caller).catch(() => undefined);
				};
				this.#signal.addEventListener("abort", cancel);
				if (this.#signal.aborted) cancel();
				try {
					return await finished;
				} finally {
					this.#signal.removeEventListener("abort", cancel);
				}
			} catch (error) {
				const moved = error instanceof ProblemError && error.problem.code === "plan-moved";
				// Nobody but the flag has seen the plan: the new one is as good. A person is shown it again.
				if (!moved || plans >= mostPlans || this.#signal.aborted) throw error;
			}
		}
	}

	async #confirm(
		plan: Plan,
		confirmation: "none" | "key" | "typed",
		title: string,
	): Promise<{ confirmation: "none" | "key" | "typed" | "flag"; typed?: string } | null> {
		if (confirmation === "none") return { confirmation };
		const clusters = clustersToName(plan);
		const named = clusters.find((cluster) => this.#request.confirm.includes(cluster));
		if (this.#request.yes) {
			if (confirmation === "key") return { confirmation: "flag" };
			const missing = clusters.filter((cluster) => !this.#request.confirm.includes(cluster));
			if (named !== undefined && missing.length === 0) return { confirmation: "flag", typed: named };
			throw new ProblemError("confirmation-needed", `\`${title}\` is destructive on ${missing.join(" and ")}.`, {
				next: `Add ${missing.map((cluster) => `--confirm ${cluster}`).join(" ")}.`,
			});
		}
		if (!this.#listener.ask) {
			throw new ProblemError("confirmation-needed", `\`${title}\` asks to be confirmed, and nobody is there to ask.`, {
				next: "Add --yes, or run it on a terminal.",
			});
		}
		const { yes, typed } = await this.#listener.ask(plan, confirmation, title);
		if (!yes) return null;
		return { confirmation, ...(typed === undefined ? {} : { typed }) };
	}
}

/** The units to walk through. Throws `step-unknown` for a name that the runbook does not have. */
function chosenUnits(steps: readonly StepSpec[], only: readonly string[]): Unit[] {
	const units = unitsOf(steps);
	for (const name of only) {
		if (!units.some((unit) => unit.name === name || unit.steps.includes(name))) {
			throw new ProblemError("step-unknown", `There is no step \`${name}\`.`, {
				next: `The steps are ${steps.map((step) => step.name).join(", ")}.`,
			});
		}
	}
	if (only.length > 0) {
		return units.filter((unit) => only.includes(unit.name) || unit.steps.some((step) => only.includes(step)));
	}
	const excluded = new Set(steps.filter((step) => step.excludeFromRunAll).map((step) => step.name));
	return units.filter((unit) => !unit.steps.every((step) => excluded.has(step)));
}

/** The problem that a run's end holds, else one in general words. */
function problemOfRun(run: RunState | undefined): Problem | null {
	if (!run) return null;
	try {
		const told: unknown = JSON.parse(run.problem?.content ?? "null");
		if (isProblem(told)) return told;
	} catch {
		// Written by a later version: its words are in the record all the same.
	}
	return problem(
		"command-failed",
		run.outcome === "cancelled" ? "it was cancelled" : problemCatalogue["command-failed"].title,
	);
}

function cancelled(): Problem {
	return problem("cancelled", "A person cancelled this run.");
}

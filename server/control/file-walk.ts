import { clustersToName, type Plan } from "../../core/plan.ts";
import { isProblem, type Problem, ProblemError, problem } from "../../core/problem.ts";
import { problemCatalogue } from "../../core/problem-catalogue.ts";
import type { StepSpec, Unit } from "../../core/runbook.ts";
import type { RunState } from "../../core/session-state.ts";
import type { Engine } from "../engine.ts";
import type { Caller, UnitOutcome } from "../sessions/sessions.ts";
import type { Ended } from "./close-walk.ts";
import { givenUp } from "./given-up.ts";
import type { RunFileRequest, RunListener } from "./run-file-request.ts";

/** A plan that moves between being read and being asked for is read again so often. */
const mostPlans = 5;

const fine: Ended = { failed: null, problem: null };

/** Runs a file's units one at a time in an open session, with what the command line confirms or asks. */
export class FileWalk {
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

	/** Runs one unit to its end. A failure is told, not thrown. */
	async unit(unit: Unit, steps: readonly StepSpec[]): Promise<Ended> {
		const { sessions } = this.#engine;
		const specs = steps.filter((step) => unit.steps.includes(step.name));
		const first = specs[0]?.name ?? unit.name;
		if (this.#signal.aborted) return { failed: first, problem: cancelled(this.#signal) };
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
				return { failed: first, problem: this.#signal.aborted ? cancelled(this.#signal) : no };
			}
			if (outcome.outcome === "succeeded") return fine;
			const failed = outcome.runs.find((run) => run.outcome !== "succeeded" && run.outcome !== "skipped");
			const isBegun = failed === undefined || failed.startedAt !== undefined;
			const why = this.#signal.aborted && !isBegun ? cancelled(this.#signal) : problemOfRun(failed);
			return { failed: failed?.step ?? first, problem: why };
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
					const why = givenUp(this.#signal);
					for (const run of runs) {
						const cancelling = why
							? sessions.giveUp(this.#session, run, why)
							: sessions.cancel(this.#session, run, this.#caller);
						cancelling.catch(() => undefined);
					}
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

function cancelled(signal: AbortSignal): Problem {
	return givenUp(signal) ?? problem("cancelled", "A person cancelled this run.");
}

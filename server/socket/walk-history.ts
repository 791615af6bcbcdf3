import type { RunbookSummary, SessionSummary } from "../../core/protocol.ts";
import type { Runbook } from "../../core/runbook.ts";
import { type SessionState, type StepState, wasNotNeeded } from "../../core/session-state.ts";
import { sessionTookMs } from "../../core/session-took.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { stepTitles } from "../sessions/step-titles.ts";

/** One finished walk through a runbook. */
interface Walk {
	at: string;
	outcome: "passed" | "failed" | "unchecked";
	/** The title of the step that failed. */
	step?: string;
	kind: string;
	by: string;
	/** As its session took; null for a walk that did not go through all of the main line. */
	wholeMs: number | null;
}

/** What earlier walks tell about a runbook. */
export type WalkFigures = Pick<RunbookSummary, "usuallyMs" | "last" | "lastPassedAt">;

/** Steps that a person does, or that do nothing: they decide no walk. */
const unattended: ReadonlySet<string> = new Set(["manual", "note", "wait"]);

/**
 * How earlier walks through each runbook went. `passed`: every step that does something succeeded and at least one was checked.
 * Rehearsals, where nothing runs, and walks that are still open tell nothing. Times in milliseconds.
 */
export class WalkHistory {
	readonly #sessions: Sessions;
	/** Closed sessions don't change: each is read once. */
	readonly #closed = new Map<string, Walk | null>();

	constructor(sessions: Sessions) {
		this.#sessions = sessions;
	}

	/** The figures of each runbook that was ever walked, by its path. */
	figures(): Map<string, WalkFigures> {
		const byRunbook = new Map<string, Walk[]>();
		for (const summary of this.#sessions.list()) {
			const walk = this.#walkOf(summary);
			if (!walk) continue;
			const walks = byRunbook.get(summary.runbook) ?? [];
			byRunbook.set(summary.runbook, walks);
			walks.push(walk);
		}
		return new Map([...byRunbook].map(([runbook, walks]) => [runbook, figuresOf(walks)]));
	}

	/**
	 * How long a walk through the runbook usually takes: the median, in milliseconds, of what the sessions took that went
	 * through its main line. That is a session closed as resolved or mitigated in which each step of the runbook that does something, and
	 * is not left out of running on, succeeded or was not needed. Null when there was none.
	 */
	usuallyMs(runbook: string): number | null {
		const walks = this.#sessions
			.list()
			.filter((s) => s.runbook === runbook)
			.flatMap((s) => this.#walkOf(s) ?? []);
		return figuresOf(walks).usuallyMs;
	}

	#walkOf(summary: SessionSummary): Walk | null {
		if (summary.status !== "closed" || summary.kind === "rehearsal") return null;
		const known = this.#closed.get(summary.session);
		if (known !== undefined) return known;
		const { session } = summary;
		const walk = walkOf(this.#sessions.state(session), this.#sessions.runbook(session), summary);
		this.#closed.set(summary.session, walk);
		return walk;
	}
}

/** Reads a closed session as a walk; null when nothing ran in it. `runbook` is what it was opened on. */
export function walkOf(
	state: SessionState,
	runbook: Pick<Runbook, "steps">,
	summary: Pick<SessionSummary, "kind" | "openedBy">,
): Walk | null {
	const runs = Object.values(state.runs);
	const starts = runs.flatMap((r) => (r.startedAt === undefined ? [] : [Date.parse(r.startedAt)]));
	const ends = runs.flatMap((r) => (r.finishedAt === undefined ? [] : [Date.parse(r.finishedAt)]));
	if (starts.length === 0) return null;
	// With the clock set back in it, its times don't tell how long it took.
	const isSteady =
		starts.every((at, i) => i === 0 || at >= (starts[i - 1] ?? 0)) &&
		runs.every(({ startedAt = "", finishedAt }) => finishedAt === undefined || finishedAt >= startedAt);
	const acting = state.order.flatMap((name) => state.steps[name] ?? []).filter((s) => !unattended.has(s.type));
	const failed = acting.find((s) => s.status === "failed" || s.status === "lost" || s.status === "cancelled");
	const whole = acting.every(isThrough);
	const mainLine = runbook.steps.filter((s) => !s.excludeFromRunAll && !unattended.has(s.type));
	const isReached = state.close?.outcome === "resolved" || state.close?.outcome === "mitigated";
	const isWalked = isReached && mainLine.every((s) => isThrough(state.steps[s.name]));
	const checked = runs.some((r) => r.outcome === "succeeded" && r.checked === true);
	const isFailed = failed !== undefined || state.close?.outcome === "failed";
	return {
		at: state.closedAt ?? new Date(Math.max(...starts, ...ends)).toISOString(),
		outcome: isFailed ? "failed" : whole && checked ? "passed" : "unchecked",
		...(failed ? { step: stepTitles(runbook, state).get(failed.name) ?? failed.name } : {}),
		kind: summary.kind,
		by: summary.openedBy,
		wholeMs: isWalked && isSteady ? sessionTookMs(state) : null,
	};
}

/** It succeeded or was not needed; what a person skipped was not gone through. */
function isThrough(step: StepState | undefined): boolean {
	return step !== undefined && (step.status === "succeeded" || wasNotNeeded(step));
}

function figuresOf(walks: readonly Walk[]): WalkFigures {
	const newest = [...walks].sort((a, b) => (a.at < b.at ? 1 : -1));
	const last = newest[0];
	// A walk that broke off says nothing about how long a whole one takes.
	const times = newest.flatMap((w) => w.wholeMs ?? []);
	return {
		usuallyMs: median(times),
		last: last
			? { at: last.at, outcome: last.outcome, ...(last.step ? { step: last.step } : {}), kind: last.kind, by: last.by }
			: null,
		lastPassedAt: newest.find((w) => w.outcome === "passed")?.at ?? null,
	};
}

function median(values: number[]): number | null {
	if (values.length === 0) return null;
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle]! : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
}

import { plainQuotes } from "../../../core/plain-quotes.ts";
import type { StepPlan } from "../../../core/plan.ts";
import { recordedChecks, recordedCommands, recordedObject } from "../../../core/recorded.ts";
import type { Content, JoinedEvent } from "../../../core/session-event.ts";
import { attemptsUpTo, type SessionState } from "../../../core/session-state.ts";
import { stepViews } from "../../../steps/client.ts";
import { handedText, type KnownValue } from "../../../steps/handed-value.ts";
import type { StepView } from "../../../steps/step-view.ts";
import { byteWords, countWords } from "../../words/count-words.ts";
import { durationWords } from "../../words/duration-words.ts";
import { runTookMs } from "../../words/run-took.ts";
import { contentText } from "../session/parse-content.ts";
import { planThatRan, ranLines } from "./ran-text.ts";
import type { ReplayRun } from "./replay-timeline.ts";

/** One line of the facts of a run: what it is called, and what it says. */
export interface RunFact {
	name: string;
	/** Several lines are said one below the other. */
	lines: string[];
	tone?: "good" | "warn" | "bad";
	/** The lines after these, which are shown when they are asked for. */
	rest?: string[];
	/** The whole text, where a line shortens it. */
	title?: string;
}

/** What is read of the session beside the run itself. */
export interface FactContext {
	state: SessionState;
	/** `run.requested` and `run.started` of the run. */
	requested: JoinedEvent | undefined;
	started: JoinedEvent | undefined;
	/** `step.edited` of its step, as far as they came before it. */
	edits: readonly JoinedEvent[];
	/** The session's values as the run used them. */
	known: KnownValue;
	/** The text of its step as the runbook has it. */
	written?: string | undefined;
	person(id: string): string;
}

const confirmations = {
	none: "not asked for",
	key: "by a deliberate key",
	typed: "the target’s name was typed",
	flag: "by --yes on the command line",
};

/**
 * The facts of a run as they were known at a moment (Unix milliseconds): what came of it is said only once it had
 * ended. A fact that there is nothing of is left out.
 */
export function runFacts(run: ReplayRun, at: number, context: FactContext): RunFact[] {
	const { state } = run;
	const over = run.finishedAt !== null && run.finishedAt <= at;
	const plan = planThatRan(state);
	const facts: (RunFact | null)[] = [
		actorFact(run, context),
		state.approvedBy === undefined ? null : { name: "approved", lines: [`by ${context.person(state.approvedBy)}`] },
		planFact(run, context),
		targetFact(plan),
		commandFact(run),
		writtenFact(run, context),
		handedFact(plan, context),
		state.risk === "read" ? null : { name: "confirmed", lines: [confirmations[state.confirmation]] },
		over ? resultFact(run) : { name: "result", lines: ["still running at this moment"] },
		...(over ? [...checkFacts(run, plan), capturedFact(run), sentFact(run)] : []),
		state.inputBytes > 0 && over
			? { name: "typed", lines: [`${countWords(state.inputBytes, "byte")}; what was typed is not kept`] }
			: null,
		deviationFact(run, context),
		over && state.recording ? recordingFact(state.recording) : null,
	];
	return facts.filter((fact) => fact !== null);
}

/** `9f2c81…71ae`. */
export function shortHash(hash: string): string {
	return hash.length > 14 ? `${hash.slice(0, 6)}…${hash.slice(-4)}` : hash;
}

function actorFact({ state }: ReplayRun, { requested, person }: FactContext): RunFact {
	const assurance = requested?.actor.assurance ?? "self-declared";
	return { name: "actor", lines: [`${person(state.requestedBy)} (${assurance})`] };
}

function planFact({ state }: ReplayRun, { started }: FactContext): RunFact {
	const began = (started?.data as { planDigest?: unknown } | undefined)?.planDigest;
	const same = began === undefined || began === state.planDigest;
	return {
		name: "plan",
		lines: [`${shortHash(state.planDigest)}, ${same ? "as shown" : "not the one that was shown"}`],
		title: state.planDigest,
		...(same ? {} : { tone: "bad" as const }),
	};
}

function targetFact(plan: StepPlan | undefined): RunFact | null {
	const targets = new Set(plan?.commands.map((c) => `${c.reference} → ${c.node.name}`));
	return targets.size === 0 ? null : { name: targets.size === 1 ? "target" : "targets", lines: [...targets] };
}

function commandFact({ state }: ReplayRun): RunFact | null {
	if (state.plan.content === undefined) return { name: "command", lines: ["[erased]"] };
	const lines = ranLines(state);
	return lines === null ? null : { name: "what ran", ...cutLines(lines) };
}

/** What the runbook has, where the run put values in. What a person made of it is a deviation. */
function writtenFact({ state }: ReplayRun, { written }: FactContext): RunFact | null {
	if (written === undefined || !/\{\{/.test(written) || ranLines(state) === null) return null;
	return { name: "as written", ...cutLines(written.trim().split("\n")) };
}

/** Of a long text the beginning; one line more is no reason to fold. */
function cutLines(lines: string[], most = 8): Pick<RunFact, "lines" | "rest"> {
	return lines.length <= most ? { lines } : { lines: lines.slice(0, most - 1), rest: lines.slice(most - 1) };
}

/** What its program was handed beside its text. */
function handedFact(plan: StepPlan | undefined, { known }: FactContext): RunFact | null {
	const handed = plan === undefined ? undefined : (stepViews as Record<string, StepView>)[plan.type]?.handed?.(plan);
	if (handed === undefined || handed.length === 0) return null;
	const lines = handed.map((one) => `$${one.variable} = ${handedText(one, known)}`);
	const cut = lines.map((line) => (line.length > 200 ? `${line.slice(0, 200)}…` : line));
	return { name: "with", lines: cut, title: lines.join("\n") };
}

function resultFact(run: ReplayRun): RunFact {
	const { state } = run;
	const outcome = state.outcome ?? "lost";
	const tookMs = runTookMs(state);
	const took = tookMs === null ? "" : `, ${durationWords(tookMs)}`;
	const exit = state.exitCode === null || state.exitCode === undefined ? "" : `, exit ${state.exitCode}`;
	const checks = recordedChecks(state.checks) ?? [];
	// A check that did not hold is told as a fact of its own.
	const isTold = checks.some((check) => !check.held);
	const detail = isTold ? undefined : recordedObject(state.problem)?.detail;
	const tone = outcome === "succeeded" ? "good" : outcome === "skipped" || outcome === "cancelled" ? "warn" : "bad";
	const unchecked = outcome === "succeeded" && state.checked === false ? ", not checked" : "";
	return {
		name: "result",
		lines: [
			`${outcome === "skipped" ? "not needed" : outcome}${unchecked}${exit}${took}`,
			...(typeof detail === "string" ? [plainQuotes(detail)] : []),
		],
		tone,
	};
}

function checkFacts({ state }: ReplayRun, plan: StepPlan | undefined): RunFact[] {
	const checks = recordedChecks(state.checks) ?? [];
	if (checks.length === 0) {
		const wanted = plan?.expect.map((e) => e.that) ?? [];
		return wanted.length === 0 || state.outcome === "succeeded" ? [] : [{ name: "wanted", lines: wanted }];
	}
	return checks.map((check): RunFact => {
		if (check.held) return { name: "check held", lines: [check.that], tone: "good" };
		return {
			name: "check failed",
			lines: [
				`wanted ${check.that}`,
				...(check.got === undefined
					? []
					: [`came ${typeof check.got === "string" ? check.got : JSON.stringify(check.got)}`]),
				...(check.otherwise === undefined ? [] : [plainQuotes(check.otherwise)]),
			],
			tone: "bad",
		};
	});
}

function capturedFact({ state }: ReplayRun): RunFact | null {
	const lines = Object.entries(recordedObject(state.captured) ?? {}).map(
		([name, value]) => `${name} = ${typeof value === "string" ? value : JSON.stringify(value)}`,
	);
	return lines.length === 0 ? null : { name: "captured", lines };
}

/** Only where it is not plain that all was done: what may have happened has to be looked at. */
function sentFact({ state }: ReplayRun): RunFact | null {
	const commands = recordedCommands(state.commands);
	if (commands === null || commands.every((c) => c.state === "done")) return null;
	const counts = new Map<string, number>();
	for (const { state: how } of commands) counts.set(how, (counts.get(how) ?? 0) + 1);
	const lines = [...counts].map(([how, count]) => `${count} ${how.replaceAll("-", " ")}`);
	return { name: "sent", lines, tone: counts.has("may-have-happened") ? "warn" : "bad" };
}

/** Longer differences are folded. */
const mostChanges = 12;

function deviationFact(run: ReplayRun, { state: session, edits, person }: FactContext): RunFact | null {
	const step = session.steps[run.step];
	const before: string[] = [];
	if (step?.added) before.push("added in this session, not in the runbook");
	const changes: string[] = [];
	for (const { actor, data } of edits as readonly Edit[]) {
		const why = data.reason === undefined ? "" : `: ${contentText(data.reason)}`;
		changes.push(`the command was edited in this session by ${person(actor.id)}${why}`);
		changes.push(...changedLines(contentText(data.diff)));
	}
	const after: string[] = [];
	if (run.state.selection) after.push("only a selection of its lines was run");
	const attempt = attemptsUpTo(session, run.state);
	if (attempt > 1) {
		const earlier = step?.runs.slice(0, step.runs.indexOf(run.run)).map((id) => session.runs[id]) ?? [];
		const last = earlier.findLast((r) => r?.outcome !== undefined);
		after.push(`attempt ${attempt}${last ? `, the one before ${last.outcome}` : ""}`);
	}
	// What is folded is the last of it: a long difference.
	const { lines, rest } = cutLines(changes, mostChanges);
	const all = [...before, ...after, ...lines];
	return all.length === 0 ? null : { name: "deviation", lines: all, tone: "warn", ...(rest ? { rest } : {}) };
}

interface Edit {
	actor: { id: string };
	data: { diff?: Content; reason?: Content };
}

/** What a recorded difference took out and put in, a line each. */
function changedLines(patch: string): string[] {
	const lines = patch.split("\n");
	// What stands before the first place names the two texts.
	return lines
		.slice(lines.findIndex((line) => line.startsWith("@@")))
		.filter((line) => /^[-+]/.test(line))
		.map((line) => `${line.startsWith("-") ? "−" : "+"} ${line.slice(1)}`);
}

function recordingFact({ bytes, sha256, truncated }: { bytes: number; sha256: string; truncated: boolean }): RunFact {
	return {
		name: "recording",
		lines: [`${byteWords(bytes)} · ${shortHash(sha256)}`, ...(truncated ? ["cut off at the limit of output"] : [])],
		title: sha256,
		...(truncated ? { tone: "warn" as const } : {}),
	};
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { JsonValue } from "../../core/json.ts";
import type { Problem } from "../../core/problem.ts";
import { unitsOf } from "../../core/runbook.ts";
import type { RunState } from "../../core/session-state.ts";
import type { ManualStep } from "../../steps/manual/type.ts";
import { callerNamed, type TestSessions } from "./open-test-sessions.ts";

/** How a step of a walk ended. */
export interface StepEnd {
	outcome: string;
	/** The sentence that a person reads: what was wrong, or why it was not needed. */
	says: string;
	problem: Problem | null;
	result: JsonValue;
	commands: { text: string; phase: string; state: string }[];
	run: RunState;
}

/** What a person answers to a manual step: boxes are ticked unless told. */
export interface Answer {
	answer?: string | number | boolean;
	text?: string;
}

export interface Walk {
	session: string;
	/** The units in the order of the document. */
	units: string[];
	/** How each step ended that was begun, by its name. */
	ends: Record<string, StepEnd>;
	/** Runs one unit and answers it when it asks; gives its steps in `ends`. */
	run(unit: string, answer?: Answer): Promise<"succeeded" | "failed" | "cancelled" | "lost">;
	/** Runs units in order, from `from` to `to` included; ends with the first that fails, and gives that step's name. */
	through(options?: {
		from?: string;
		to?: string;
		answers?: Record<string, Answer>;
		before?: Record<string, () => Promise<unknown>>;
	}): Promise<string | null>;
	value(name: string): JsonValue | undefined;
}

/** Opens a session on a runbook that ships, as it stands in the tree; `edit` changes its text, e.g. to shorten a time. */
export async function walkRunbook(
	test: TestSessions,
	file: string,
	values: Record<string, string>,
	edit: (source: string) => string = (source) => source,
): Promise<Walk> {
	const source = edit(await readFile(join(import.meta.dirname, "../../runbooks", file), "utf8"));
	const { sessions } = test;
	const person = callerNamed("alice");
	const session = await test.open(source, values);
	const { runbook } = await sessions.snapshot(session);
	const units = unitsOf(runbook.steps);
	const ends: Record<string, StepEnd> = {};

	async function run(unit: string, answer: Answer = {}) {
		const { plan, confirmation } = await sessions.plan(session, unit);
		const { runs, finished } = await sessions.request(session, { unit, planDigest: plan.digest, confirmation }, person);
		const asked = plan.steps[0]?.type === "manual" ? (plan.steps[0].detail as unknown as ManualStep) : null;
		let ended = false;
		const end = finished.finally(() => {
			ended = true;
		});
		while (asked && !ended) {
			const checked = asked.items.map(() => true);
			const given = { checked, answer: answer.answer ?? null, text: answer.text ?? "" };
			const answered = await sessions.answer(session, runs[0] ?? "", given, [], person).then(
				() => true,
				(error) => {
					// It does not wait yet, or was not needed.
					if (error.problem?.code === "run-not-active") return false;
					throw error;
				},
			);
			if (answered) break;
			await delay(20);
		}
		const { outcome, runs: states } = await end;
		for (const state of states) ends[state.step] = endOf(state);
		return outcome;
	}

	return {
		session,
		units: units.map((unit) => unit.name),
		ends,
		run,
		async through({ from, to, answers = {}, before = {} } = {}) {
			const first = from === undefined ? 0 : units.findIndex((unit) => unit.name === from);
			for (const unit of units.slice(first)) {
				await before[unit.name]?.();
				const outcome = await run(unit.name, answers[unit.name]);
				if (outcome !== "succeeded") {
					return unit.steps.find((step) => !["succeeded", "skipped"].includes(ends[step]?.outcome ?? "")) ?? unit.name;
				}
				if (unit.name === to) break;
			}
			return null;
		},
		value(name) {
			const content = sessions.state(session).values[name]?.value?.content;
			return content === undefined ? undefined : (JSON.parse(content) as JsonValue);
		},
	};
}

function endOf(run: RunState): StepEnd {
	// A run that was refused has its reason as text.
	const refused = run.status === "rejected" ? run.problem?.content : undefined;
	const problem = refused === undefined ? read<Problem>(run.problem?.content) : null;
	const result = read<JsonValue>(run.result?.content);
	const skipped = typeof result === "object" && result !== null && "skipped" in result ? String(result["skipped"]) : "";
	return {
		outcome: run.outcome ?? run.status,
		says: problem?.detail ?? refused ?? skipped,
		problem,
		result,
		commands: read<StepEnd["commands"]>(run.commands?.content) ?? [],
		run,
	};
}

function read<T>(text: string | undefined): T | null {
	return text === undefined ? null : (JSON.parse(text) as T);
}

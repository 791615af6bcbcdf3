import fc from "fast-check";
import { expect, test } from "vitest";
import { newSession, type RunState } from "../../../core/session-state.ts";
import { recordedTopologies } from "../session/recorded-topology.ts";
import { planOfRun } from "../session/waiting-for-keys.ts";
import { shownLines } from "./ran-text.ts";
import type { ReplayRun } from "./replay-timeline.ts";
import { runFacts } from "./run-facts.ts";
import { timesBegun } from "./times-begun.ts";

const state = newSession("s1");

function replayRun(texts: Record<string, unknown>): ReplayRun {
	const recorded = Object.entries(texts).map(([name, value]) => [
		name,
		{ ref: "r", bytes: 1, content: JSON.stringify(value) },
	]);
	const run = { run: "r1", step: "look", unit: "look", attempt: 1, status: "finished", requestedBy: "p", risk: "read" };
	const told = { planDigest: "d", confirmation: "none", inputBytes: 0, startedAt: "2026-01-01T00:00:00.000Z" };
	const ended = { outcome: "failed", exitCode: null, checked: true, finishedAt: "2026-01-01T00:00:01.000Z" };
	const whole = { ...run, ...told, ...ended, siblings: ["r1"], attachments: [], ...Object.fromEntries(recorded) };
	return {
		run: "r1",
		step: "look",
		startedAt: 0,
		finishedAt: 1,
		state: whole as unknown as RunState,
		startedSeq: 1,
		finishedSeq: 2,
	};
}

const type = fc.constantFrom("shell", "redis", "manual", "wait", "note", "none", "toString");
const planned = fc.record(
	{ step: fc.constant("look"), type, commands: fc.constantFrom([], null, 5), detail: fc.jsonValue() },
	{ requiredKeys: ["step", "type"] },
);
const plan = fc.oneof(fc.jsonValue(), fc.record({ steps: fc.array(fc.oneof(planned, fc.jsonValue())) }), planned);
const list = fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue()));

test("whatever JSON stands where a run's texts are, its facts, its lines and its count are told", () => {
	const texts = fc.record({ plan, commands: list, checks: list, problem: fc.jsonValue(), captured: fc.jsonValue() });
	fc.assert(
		fc.property(texts, (given) => {
			const run = replayRun(given);
			const context = {
				state,
				requested: undefined,
				started: undefined,
				edits: [],
				known: () => undefined,
				person: (id: string) => id,
			};
			expect(runFacts(run, 5, context).every(({ lines }) => lines.every((line) => typeof line === "string"))).toBe(
				true,
			);
			expect(timesBegun([run], run)).toBeGreaterThanOrEqual(0);
			shownLines(run.state);
			planOfRun(run.state);
		}),
		{ numRuns: 500 },
	);
});

test("whatever JSON stands where a topology is, it is one or left out", () => {
	const member = fc.record({ name: fc.jsonValue(), address: fc.jsonValue(), follows: fc.jsonValue() });
	const topology = fc.record({ cluster: fc.constant("c"), members: fc.array(member), readAtMs: fc.jsonValue() });
	fc.assert(
		fc.property(fc.oneof(fc.jsonValue(), topology), (value) => {
			for (const { members, readAt } of recordedTopologies(value)) {
				expect(typeof readAt).toBe("string");
				for (const { address } of members) expect(typeof address).toBe("string");
			}
		}),
		{ numRuns: 500 },
	);
	expect(recordedTopologies({ cluster: "c", members: [], readAtMs: 1e300 })).toEqual([]);
});

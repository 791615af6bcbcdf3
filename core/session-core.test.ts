import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	alice,
	asRequested,
	bob,
	CoreWalk,
	openCommand,
	planOf,
	seal,
	stepPlan,
	underWay,
} from "../test/support/core-walk.ts";
import type { Actor } from "./access.ts";
import { decide } from "./decide.ts";
import { evolve, replay } from "./evolve.ts";
import type { JsonValue } from "./json.ts";
import { isProblem } from "./problem.ts";
import type { SessionCommand } from "./session-command.ts";
import { newSession } from "./session-state.ts";
import { whyImpossible } from "./why-impossible.ts";

const steps = ["look", "hold", "fence", "after"];

const unitOf = (step: string) => (step === "hold" || step === "fence" ? ["hold", "fence"] : [step]);

const commandArbitrary: fc.Arbitrary<{ command: SessionCommand; by: Actor; system: boolean }> = fc
	.record({
		by: fc.constantFrom(alice, alice, alice, bob),
		step: fc.constantFrom(...steps, "nowhere", "__proto__"),
		run: fc.oneof(fc.stringMatching(/^r[0-9]{1,3}$/), fc.constant("constructor")),
		stale: fc.boolean(),
		risk: fc.constantFrom("read" as const, "change" as const, "destructive" as const, "unknown" as const),
		environment: fc.constantFrom("lab" as const, "production" as const),
		confirmation: fc.constantFrom("none" as const, "key" as const, "typed" as const),
		outcome: fc.constantFrom("succeeded" as const, "failed" as const, "cancelled" as const, "lost" as const),
		what: fc.oneof(
			{ weight: 8, arbitrary: fc.constantFrom(8, 9, 9, 10, 10) },
			{ weight: 1, arbitrary: fc.nat({ max: 15 }) },
		),
		follow: fc.boolean(),
	})
	.map(({ by, step, run: id, stale, risk, environment, confirmation, outcome, what, follow }) => {
		const run = follow && what > 8 && what < 13 ? underWay : id;
		const plan = planOf(
			unitOf(step).length > 1 ? "failover" : step,
			unitOf(step).map((name) => stepPlan(name, "PING", risk, environment)),
		);
		const shown = stale ? "b".repeat(64) : plan.digest;
		const runs = unitOf(step).map((_, i) => (i === 0 ? run : `${run}-${i}`));
		const finish: SessionCommand = {
			type: "finish-run",
			run,
			outcome,
			exitCode: 0,
			checked: true,
			captured: { master: "cache-2" },
			secretNames: [],
			recording: null,
		};
		const commands: [SessionCommand, boolean][] = [
			[openCommand, false],
			[{ type: "join", name: "someone" }, false],
			[{ type: "leave" }, false],
			[{ type: "take-baton" }, false],
			[{ type: "pass-baton", to: "bob" }, false],
			[{ type: "edit-step", step, body: "PING", diff: "-", reason: "why" }, false],
			[{ type: "skip-step", step, reason: "known" }, false],
			[{ type: "add-step", step: `added-${run}`, stepType: "redis", after: step, body: "PING", attributes: {} }, false],
			[
				{
					type: "request-run",
					plan,
					shownDigest: shown,
					group: plan.steps.length > 1,
					runs,
					confirmation,
					typed: "orders",
					alwaysConfirm: false,
				},
				false,
			],
			// Mostly the plan that was requested, whichever it is: else hardly a run would start.
			[{ type: "start-run", run, planDigest: stale ? shown : asRequested }, true],
			[finish, true],
			[{ type: "cancel-run", run }, false],
			[{ type: "reject-run", run, code: "plan-moved", reason: "moved" }, true],
			[{ type: "close", outcome: "resolved", summary: "done" }, false],
			[{ type: "set-value", name: "__proto__", value: 1, secret: false, source: "person" }, false],
			[{ type: "add-note", note: "n1", text: "strange", attachments: [], step, run: id }, false],
		];
		const [command, system] = commands[what] as [SessionCommand, boolean];
		return { command, by, system };
	});

const walkArbitrary = fc.array(commandArbitrary, { minLength: 30, maxLength: 120 }).map((given) => {
	const walk = new CoreWalk();
	walk.give(openCommand);
	for (const { command, by, system } of given) walk.give(command, by, system);
	return walk;
});

describe("the session core, whatever commands arrive in whatever order", () => {
	it("gives the same state from replaying the events as from living through them", () => {
		fc.assert(
			fc.property(walkArbitrary, (walk) => {
				expect(replay("s1", walk.events)).toEqual(walk.state);
			}),
			{ numRuns: 300 },
		);
	});

	it("makes no event that a verifier would call impossible", () => {
		fc.assert(
			fc.property(walkArbitrary, (walk) => {
				let state = newSession("s1");
				for (const event of walk.events) {
					expect(whyImpossible(state, event)).toBeNull();
					state = evolve(state, event);
				}
			}),
			{ numRuns: 300 },
		);
	});

	it("finishes no run twice, and none that did not start", () => {
		fc.assert(
			fc.property(walkArbitrary, (walk) => {
				const started = new Set<string>();
				const finished = new Set<string>();
				for (const { type, data } of walk.events) {
					const run = (data as { run: string }).run;
					if (type === "run.started") {
						expect(started.has(run)).toBe(false);
						started.add(run);
					}
					if (type === "run.finished") {
						expect(started.has(run)).toBe(true);
						expect(finished.has(run)).toBe(false);
						finished.add(run);
					}
				}
			}),
			{ numRuns: 300 },
		);
	});

	it("starts no run without its request, nor on another plan than the one requested", () => {
		fc.assert(
			fc.property(walkArbitrary, (walk) => {
				const requested = new Map<string, string>();
				for (const { type, data } of walk.events) {
					const d = data as { run: string; runs: { run: string }[]; planDigest: string };
					if (type === "run.requested") for (const { run } of d.runs) requested.set(run, d.planDigest);
					if (type === "run.started") expect(requested.get(d.run)).toBe(d.planDigest);
				}
			}),
			{ numRuns: 300 },
		);
	});

	it("is tested on walks in which runs do start and finish", () => {
		const walks = fc.sample(walkArbitrary, { numRuns: 300, seed: 7 });
		const finished = walks.flatMap((walk) => walk.events).filter((event) => event.type === "run.finished");
		expect(finished.length).toBeGreaterThan(100);
	});

	it("never lets two units be under way at once", () => {
		fc.assert(
			fc.property(walkArbitrary, (walk) => {
				let open = new Set<string>();
				for (const { type, data } of walk.events) {
					const d = data as { run: string; runs: { run: string }[] };
					if (type === "run.requested") {
						expect(open.size).toBe(0);
						open = new Set(d.runs.map((r) => r.run));
					}
					if (type === "run.finished" || type === "run.rejected") open.delete(d.run);
				}
			}),
			{ numRuns: 300 },
		);
	});

	it("lets only the holder of the baton drive", () => {
		fc.assert(
			fc.property(walkArbitrary, (walk) => {
				let driver = "";
				for (const { type, data, actor: by } of walk.events) {
					if (type === "session.opened") driver = by.id;
					if (type === "baton.passed") driver = (data as { to: string }).to;
					if (["run.requested", "step.edited", "step.skipped", "step.added", "session.closed"].includes(type)) {
						expect(by.id).toBe(driver);
					}
				}
			}),
			{ numRuns: 300 },
		);
	});

	it("evolves over events of any type and form without failing, and counts them", () => {
		fc.assert(
			fc.property(
				walkArbitrary,
				fc.array(fc.record({ type: fc.string(), data: fc.jsonValue() }), { maxLength: 10 }),
				(walk, strange) => {
					let { state } = walk;
					for (const { type, data } of strange) {
						const seq = state.seq + 1;
						state = evolve(state, { seq, at: "x", actor: { id: "x" }, type, data });
						expect(state.seq).toBe(seq);
					}
					for (const type of new Set(walk.events.map((e) => e.type))) {
						evolve(state, { seq: 1, at: "", actor: { id: "" }, type, data: {} });
					}
				},
			),
			{ numRuns: 200 },
		);
	});

	it("evolves over erased contents without failing", () => {
		fc.assert(
			fc.property(walkArbitrary, (walk) => {
				const erased = walk.events.map((event) => ({ ...event, data: withoutContent(event.data as JsonValue) }));
				expect(replay("s1", erased).seq).toBe(walk.events.length);
			}),
			{ numRuns: 100 },
		);
	});

	it("does not change the state that it was given", () => {
		fc.assert(
			fc.property(walkArbitrary, commandArbitrary, (walk, { command, by, system }) => {
				const before = structuredClone(walk.state);
				const decided = decide(walk.state, command, by, { system });
				if (!isProblem(decided)) {
					for (const draft of decided) {
						const event = { seq: 1, at: "", actor: by, type: draft.type, data: seal(draft.data as JsonValue) };
						evolve(walk.state, event);
					}
				}
				expect(walk.state).toEqual(before);
			}),
			{ numRuns: 200 },
		);
	});
});

function withoutContent(value: JsonValue): JsonValue {
	if (Array.isArray(value)) return value.map(withoutContent);
	if (value === null || typeof value !== "object") return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([key]) => key !== "content")
			.map(([k, v]) => [k, withoutContent(v as JsonValue)]),
	);
}

import { describe, expect, it, test } from "vitest";
import { alice, bob, CoreWalk, openCommand, planOf, stepPlan } from "../test/support/core-walk.ts";
import { systemActor } from "./access.ts";
import { type EventToApply, evolve } from "./evolve.ts";
import type { SessionCommand } from "./session-command.ts";
import { whyImpossible } from "./why-impossible.ts";

const look = planOf("look", [stepPlan("look", "PING", "read", "lab")]);
const request: SessionCommand = {
	type: "request-run",
	plan: look,
	shownDigest: look.digest,
	group: false,
	runs: ["r1"],
	confirmation: "none",
	alwaysConfirm: false,
};
const start: SessionCommand = { type: "start-run", run: "r1", planDigest: look.digest };
const finish: SessionCommand = {
	type: "finish-run",
	run: "r1",
	outcome: "succeeded",
	exitCode: 0,
	checked: true,
	captured: { master: "cache-2" },
	secretNames: [],
	recording: null,
};
const close: SessionCommand = { type: "close", outcome: "resolved", summary: "done" };
const reject: SessionCommand = { type: "reject-run", run: "r1", code: "plan-moved", reason: "moved" };

const byServer = new Set(["start-run", "finish-run", "reject-run"]);

/** A session with these commands given; each must be taken. */
function given(...commands: SessionCommand[]): CoreWalk {
	const walk = new CoreWalk();
	for (const command of [openCommand, ...commands]) {
		const system = byServer.has(command.type);
		expect(walk.give(command, alice, system)).toBe(true);
	}
	return walk;
}

/** The last event of a type that a walk has, as the next one. */
function again(walk: CoreWalk, type: string, change: object = {}, by?: string): EventToApply {
	const found = walk.events.findLast((event) => event.type === type);
	if (!found) throw new Error(`No ${type} has been.`);
	return {
		...found,
		seq: walk.state.seq + 1,
		actor: { id: by ?? found.actor.id },
		data: { ...(found.data as object), ...change },
	};
}

/** As a session is after one more event, whether it can have been or not. */
const then = ({ state }: Pick<CoreWalk, "state">, next: EventToApply) => ({ state: evolve(state, next) });

const event = (type: string, data: object, by = alice.id): EventToApply => ({
	seq: 99,
	at: "2026-01-01T00:00:00.000Z",
	actor: { id: by },
	type,
	data,
});
const text = { ref: "r", bytes: 1, content: "x" };
const note = (on: object) => event("note.added", { note: "n", text, attachments: [], ...on });

describe("an event that can't have been", () => {
	const open = given();
	const requested = given(request);
	const started = given(request, start);
	const finished = given(request, start, finish);
	const rejected = given(request, reject);
	const closed = given(request, start, finish, close);
	const bobHere = given();
	bobHere.give({ type: "join", name: "Bob" }, bob);
	const cancelled = given(request, start, { type: "cancel-run", run: "r1" });
	// Nobody has to approve anything yet: only a record could say so.
	const awaiting = then(open, again(started, "run.requested", { approvalNeeded: true }));
	const approval = (planDigest: string, by: string) => event("run.approved", { run: "r1", planDigest }, by);
	const approved = then(awaiting, approval(look.digest, "bob"));
	const openedAs = (kind: string) => then(new CoreWalk(), again(open, "session.opened", { kind }));
	const two = [1, 2].map((attempt) => ({ run: "r1", step: "look", attempt }));

	test.each<[string, Pick<CoreWalk, "state">, EventToApply, RegExp]>([
		["anything before the opening", new CoreWalk(), again(open, "participant.joined"), /not opened before/],
		["a second opening", open, again(open, "session.opened"), /opened before/],
		["an opening of another session", new CoreWalk(), again(open, "session.opened", { session: "s2" }), /another one/],
		["a run finished a second time", finished, again(finished, "run.finished"), /run r1 had finished/],
		["a run finished after the close", closed, again(closed, "run.finished"), /after the session was closed/],
		["a note after the close", closed, note({}), /after the session/],
		["a note on a step that is not there", open, note({ step: "nowhere" }), /no step `nowhere`/],
		["a note on a run that nobody asked for", open, note({ run: "r1" }), /never asked for/],
		["a second close", closed, again(closed, "session.closed"), /after the session was closed/],
		["a close while a run is under way", started, again(closed, "session.closed"), /while run r1 was under way/],
		[
			"a close by one who does not drive",
			bobHere,
			again(closed, "session.closed", {}, "bob"),
			/only the one who drives/,
		],
		["a run started without its request", open, again(started, "run.started"), /never asked for/],
		["a run started twice", started, again(started, "run.started"), /had started/],
		["a run started after it was rejected", rejected, again(started, "run.started"), /had been rejected/],
		["a run started by a person", requested, again(started, "run.started", {}, "alice"), /only the server/],
		[
			"a run started on another plan",
			requested,
			again(started, "run.started", { plan: { ref: "other", bytes: 3 } }),
			/another plan/,
		],
		[
			"a run started on a plan of another digest",
			requested,
			again(started, "run.started", { planDigest: "b".repeat(64) }),
			/another plan/,
		],
		[
			"a run started as approved that was not",
			requested,
			again(started, "run.started", { approval: { by: "bob", planDigest: look.digest } }),
			/not approved/,
		],
		["a run started of another step", requested, again(started, "run.started", { step: "hold" }), /another step/],
		["a run finished that has not started", requested, again(finished, "run.finished"), /had not started/],
		["a run finished of another step", started, again(finished, "run.finished", { step: "hold" }), /another step/],
		[
			"a run finished with another's recording",
			started,
			again(finished, "run.finished", {
				recording: {
					file: "recordings/s1.r2.cast",
					sha256: "a".repeat(64),
					bytes: 1,
					outputBytes: 1,
					truncated: false,
					durationMs: 1,
				},
			}),
			/another recording/,
		],
		["a run rejected that has started", started, again(rejected, "run.rejected"), /had started/],
		["a run asked for again", finished, again(finished, "run.requested"), /asked for before/],
		[
			"a run asked for while one is under way",
			started,
			again(started, "run.requested", { runs: [{ run: "r2", step: "look", attempt: 2 }] }),
			/still under way/,
		],
		[
			"an attempt that does not count on",
			finished,
			again(finished, "run.requested", { runs: [{ run: "r2", step: "look", attempt: 3 }] }),
			/not attempt 3/,
		],
		[
			"a run of a step that is not there",
			open,
			again(started, "run.requested", { runs: [{ run: "r1", step: "nowhere", attempt: 1 }] }),
			/no step `nowhere`/,
		],
		["a change that nobody confirmed", open, again(started, "run.requested", { risk: "change" }), /not confirmed/],
		["a run asked for by one who does not drive", bobHere, again(started, "run.requested", {}, "bob"), /drives/],
		["typing into a run that has not started", requested, event("run.input", { run: "r1", bytes: 1 }), /not started/],
		[
			"an answer to a run that has finished",
			finished,
			event("run.answered", { run: "r1", answers: text, attachments: [] }),
			/had finished/,
		],
		["a cancelling of a finished run", finished, event("run.cancel-requested", { run: "r1" }), /had finished/],
		[
			"an approval that nobody asked for",
			requested,
			event("run.approved", { run: "r1", planDigest: look.digest }),
			/./,
		],
		[
			"a baton from one who had it not",
			bobHere,
			event("baton.passed", { from: "bob", to: "alice", taken: false }, "bob"),
			/was not with/,
		],
		[
			"a baton passed by another",
			bobHere,
			event("baton.passed", { from: "alice", to: "bob", taken: false }, "bob"),
			/not theirs/,
		],
		[
			"a baton passed to nobody here",
			open,
			event("baton.passed", { from: "alice", to: "bob", taken: false }),
			/not here/,
		],
		[
			"a baton taken for another",
			bobHere,
			event("baton.passed", { from: "alice", to: "bob", taken: true }, "eve"),
			/taken/,
		],
		["one who joins twice", open, again(open, "participant.joined"), /here already/],
		["one who joins as another", open, again(open, "participant.joined", {}, "bob"), /not who did it/],
		["one who leaves without being here", open, event("participant.left", { participant: "bob" }, "bob"), /without/],
		["a parameter after a run", finished, again(open, "value.set"), /after the session had begun/],
		["a value set by one who does not drive", bobHere, again(open, "value.set", { source: "person" }, "bob"), /drives/],
		["a value captured by a person", finished, again(finished, "value.set", {}, "alice"), /only the server/],
		["a value captured of a run that has not finished", started, again(finished, "value.set"), /had started/],
		["a secret that stands there", finished, again(finished, "value.set", { secret: true }), /secret/],
		[
			"a step edited while it runs",
			started,
			event("step.edited", { step: "look", body: text, diff: text }),
			/under way/,
		],
		["a step skipped that is not there", open, event("step.skipped", { step: "nowhere", reason: text }), /no step/],
		[
			"a step added inside a group",
			open,
			event("step.added", { step: "new", type: "note", after: "hold", body: text, attributes: text }),
			/inside a group/,
		],
		[
			"a step added that is there",
			open,
			event("step.added", { step: "look", type: "note", after: null, body: text, attributes: text }),
			/already/,
		],
		[
			"a recovery of other runs",
			started,
			event("session.recovered", { epoch: 2, openRuns: 2 }, systemActor.id),
			/another number/,
		],
		[
			"a runbook that has not changed",
			open,
			event("runbook.changed", { digest: "a".repeat(64) }, systemActor.id),
			/not changed/,
		],
		[
			"one who leaves as another",
			bobHere,
			event("participant.left", { participant: "alice" }, "bob"),
			/not who did it/,
		],
		[
			"a step added after one that is not there",
			open,
			event("step.added", { step: "new", type: "note", after: "nowhere", body: text, attributes: text }),
			/no step/,
		],
		["an approval of one's own run", awaiting, approval(look.digest, "alice"), /their own run/],
		["an approval of another plan", awaiting, approval("b".repeat(64), "bob"), /another plan was approved/],
		[
			"a run started on the approval of another plan",
			approved,
			again(started, "run.started", { approval: { by: "bob", planDigest: "b".repeat(64) } }),
			/not approved/,
		],
		[
			"a run started on a plan of another length",
			requested,
			again(started, "run.started", {
				plan: { ...(again(started, "run.started").data as { plan: object }).plan, bytes: 3 },
			}),
			/another plan/,
		],
		["a second cancelling", cancelled, again(cancelled, "run.cancel-requested"), /cancelled before/],
		["a baton taken from oneself", open, event("baton.passed", { from: "alice", to: "alice", taken: true }), /taken/],
		["a value captured of no run", finished, again(finished, "value.set", { run: undefined }), /of no run/],
		["a run in a rehearsal", openedAs("rehearsal"), again(started, "run.requested"), /rehearsal/],
		[
			"a run outside a lab in a drill",
			openedAs("drill"),
			again(started, "run.requested", { environment: "production" }),
			/drill ran in production/,
		],
		["a run asked for twice at once", open, again(started, "run.requested", { runs: two }), /asked for before/],
		["an event of another form", open, event("note.added", { note: 1 }), /of another form/],
	])("is named: %s", (_what, walk, impossible, reason) => {
		expect(whyImpossible(walk.state, impossible)).toMatch(reason);
	});

	it("is none of a type that only a later version knows", () => {
		expect(whyImpossible(open.state, event("session.praised", {}))).toBeNull();
	});

	it("is none of what a server writes that took over from a killed one, nor who comes and goes after the close", () => {
		const recovered = event("session.recovered", { epoch: 2, openRuns: 1 }, systemActor.id);
		expect(whyImpossible(started.state, recovered)).toBeNull();
		expect(whyImpossible(started.state, again(finished, "run.finished", { outcome: "lost" }))).toBeNull();
		expect(whyImpossible(requested.state, again(rejected, "run.rejected", { code: "run-lost" }))).toBeNull();
		expect(whyImpossible(closed.state, event("participant.left", { participant: "alice" }))).toBeNull();
		expect(
			whyImpossible(closed.state, event("participant.joined", { participant: "bob", name: text }, "bob")),
		).toBeNull();
		expect(whyImpossible(started.state, event("run.input", { run: "r1", bytes: 3 }, "bob"))).toBeNull();
	});
});

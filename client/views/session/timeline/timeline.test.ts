import { expect, it } from "vitest";
import type { JoinedEvent } from "../../../../core/session-event.ts";
import type { RunState } from "../../../../core/session-state.ts";
import { runnersOf } from "./runners-of.ts";
import { timelineMarkdown } from "./timeline-markdown.ts";
import { timelineWords } from "./timeline-words.ts";

const text = (content: string) => ({ ref: "r", bytes: content.length, content });
let seq = 0;
const event = (
	type: string,
	data: Record<string, unknown>,
	at = "2026-11-14T02:14:07.000Z",
	actor = "p1",
): JoinedEvent => ({ seq: ++seq, at, actor: { id: actor }, type, data }) as unknown as JoinedEvent;
const names = {
	person: (id: string) => ({ p1: "alice", p2: "bob" })[id] ?? id,
	step: (name: string) => `Step ${name}`,
};
const words = (events: JoinedEvent[]) => timelineWords(events, names).map((e) => e.parts.map((p) => p.text).join(""));

it("who did what is told in words, with what was captured and how long it took", () => {
	expect(
		words([
			event("session.opened", { kind: "change", ticket: text("OPS-4117") }),
			event("participant.joined", { participant: "p2" }),
			event("run.requested", { runs: [] }),
			event("run.started", { run: "r1", step: "who" }, "2026-11-14T02:15:02.000Z"),
			event(
				"run.finished",
				{ run: "r1", step: "who", outcome: "succeeded", captured: text('{"master":"cache-2"}') },
				"2026-11-14T02:15:02.038Z",
			),
			event("run.finished", { run: "r2", step: "x", outcome: "failed", problem: text('{"detail":"lag is 12 s"}') }),
			event("step.skipped", { step: "y", reason: text("not needed") }),
			event("baton.passed", { from: "p1", to: "p2", taken: true }, undefined, "p2"),
		]),
	).toEqual([
		"alice opened the change, ticket OPS-4117",
		"bob joined",
		"Step who: master cache-2, 38 ms",
		"Step x failed: lag is 12 s",
		"alice skipped Step y: not needed",
		"bob took the baton",
	]);
});

it("who confirmed what asks first is told, and who answered what", () => {
	const runs = (...steps: string[]) => ({ runs: steps.map((step) => ({ run: `r-${step}`, step })) });
	expect(
		words([
			event("run.requested", { ...runs("look"), confirmation: "none" }),
			event("run.requested", { ...runs("hold"), confirmation: "key" }),
			event("run.requested", { ...runs("hold", "fence", "release"), confirmation: "typed" }),
			event("run.started", { run: "r-ask", step: "ask" }),
			event("run.answered", { run: "r-ask", answers: text("{}") }),
		]),
	).toEqual([
		"alice confirmed Step hold",
		"alice confirmed Step hold and 2 steps after it, by typing the cluster’s name",
		"alice answered Step ask",
	]);
});

it("what was not begun is told by its title, and as one line where one reason stopped several steps", () => {
	const runs = ["hold", "fence", "release"].map((step) => ({ run: `r-${step}`, step }));
	const rejected = (step: string, why: string) =>
		event("run.rejected", { run: `r-${step}`, code: "c", reason: text(why) });
	const earlier = "An earlier step of the group failed: “Hold writes”.";
	expect(
		words([
			event("run.requested", { runs, confirmation: "none" }),
			rejected("fence", earlier),
			rejected("release", earlier),
			rejected("hold", "The plan has moved."),
			event("run.rejected", { run: "of-before", code: "c", reason: text("The plan has moved further.") }),
		]),
	).toEqual([
		`Step fence and 1 step after it were not begun: ${earlier}`,
		"Step hold was not begun: The plan has moved.",
		"not begun: The plan has moved further.",
	]);
});

it("many captured values, identities and moments are kept out of the words", () => {
	const captured = (values: object) =>
		timelineWords(
			[event("run.finished", { run: "r", step: "a", outcome: "succeeded", captured: text(JSON.stringify(values)) })],
			names,
		).map((entry) => [entry.parts.map((part) => part.text).join(""), entry.values?.length]);
	expect(captured({ oldHost: "h", oldPort: "6379" })).toEqual([["Step a: succeeded", 2]]);
	expect(captured({ id: "0123456789abcdef0123456789abcdef01234567" })).toEqual([["Step a: succeeded", 1]]);
	expect(captured({ at: 1_795_280_000_000 })).toEqual([["Step a: succeeded", 1]]);
	expect(captured({ master: "cache-2" })).toEqual([["Step a: master cache-2", undefined]]);
});

it("an unknown event is told by its type, erased text as erased", () => {
	expect(
		words([event("later.invented", {}), event("note.added", { text: { ref: "r", bytes: 3 }, attachments: [] })]),
	).toEqual(["later.invented", "alice: [erased]"]);
});

it("the timeline copies as Markdown that keeps what people wrote as text", () => {
	const entries = timelineWords(
		[
			event("note.added", { text: text("see <b>*this*</b>\n[link](x)"), attachments: [{}] }),
			event("note.added", { text: text("next day"), attachments: [] }, "2026-11-15T00:00:01.000Z"),
		],
		names,
	);
	expect(timelineMarkdown("The # change", entries, "http://x/1", null)).toBe(
		[
			"## The \\# change",
			"",
			"Times are UTC. http://x/1",
			"",
			"**14 Nov 2026**",
			"",
			"- `02:14:07` **alice**: see \\<b\\>\\*this\\*\\</b\\> \\[link\\](x) (1 picture)",
			"",
			"**15 Nov 2026**",
			"",
			"- `00:00:01` **alice**: next day",
			"",
		].join("\n"),
	);
});

it("who ran the steps is said once when one person did, and at each line when several did", () => {
	const run = (requestedBy: string, startedAt?: string) =>
		({ requestedBy, ...(startedAt === undefined ? {} : { startedAt }) }) as RunState;
	expect(runnersOf({ runs: { a: run("p1", "t"), b: run("p2"), c: run("p1", "t") } })).toEqual(["p1"]);
	expect(runnersOf({ runs: { a: run("p2", "t"), b: run("p1", "t") } })).toEqual(["p2", "p1"]);

	const events = [
		event("run.finished", { run: "a", step: "who", outcome: "succeeded" }),
		event("run.finished", { run: "b", step: "x", outcome: "failed", problem: text('{"detail":"lag is 12 s"}') }),
		event("run.finished", { run: "c", step: "y", outcome: "skipped" }),
	];
	const several = { ...names, ranBy: (run: string) => (run === "b" ? "bob" : "alice") };
	expect(timelineWords(events, several).map((e) => e.parts.map((p) => p.text).join(""))).toEqual([
		"Step who: succeeded, by alice",
		"Step x failed, by bob: lag is 12 s",
		"Step y: not needed, by alice",
	]);
	expect(words(events)).toEqual(["Step who: succeeded", "Step x failed: lag is 12 s", "Step y: not needed"]);
	expect(timelineMarkdown("Change", [], "http://x/1", "ali*ce")).toContain(
		"Times are UTC. All runs by **ali\\*ce**. http://x/1\n",
	);
});

it("a lost run has no duration", () => {
	expect(
		words([
			event("run.started", { run: "r1", step: "who" }, "2026-11-14T02:15:02.000Z"),
			event(
				"run.finished",
				{ run: "r1", step: "who", outcome: "lost", recording: { durationMs: 1_200 } },
				"2026-11-14T02:16:02.000Z",
			),
		]),
	).toEqual(["Step who lost"]);
});

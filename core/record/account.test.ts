import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it, test } from "vitest";
import type { JoinedEvent } from "../session-event.ts";
import { accountForm, accountOf } from "./account.ts";

const sha256 = "0".repeat(64);
const text = (content: string) => ({ ref: sha256, bytes: Buffer.byteLength(content), content });
const node = (name: string, port: number) => ({ name, cluster: "orders", address: `127.0.0.1:${port}` });
const first = node("cache-1", 7001);
const second = node("cache-2", 7002);
const command = (where: object, line: string) => ({ node: where, text: line });

/** A group: one step is checked again, pauses and resumes; the next one uses an address that only the run can know. */
const plan = text(
	JSON.stringify({
		rechecks: [{ step: "roles", type: "redis", commands: [command(first, "ROLE")], finally: [], recheck: [] }],
		steps: [
			{
				step: "pause",
				type: "redis",
				commands: [command(first, "CLIENT PAUSE 20000 WRITE")],
				finally: [{ command: command(first, "CLIENT UNPAUSE") }],
				recheck: ["roles"],
			},
			{
				step: "promote",
				type: "redis",
				commands: [command(second, "REPLICAOF {{newHost}} 7001"), command(second, "WAIT 1 100")],
				finally: [{ command: command(second, "CONFIG REWRITE") }],
				recheck: [],
			},
			{
				step: "confirm",
				type: "manual",
				commands: [],
				finally: [],
				recheck: [],
				detail: { items: ["one", "two"], question: { text: "Sure?" } },
			},
		],
	}),
);

function event(type: string, data: object): JoinedEvent {
	return {
		at: "2026-11-14T02:14:07.000Z",
		actor: { id: "p-1", issuer: "self", roles: ["responder"], signIn: "s", assurance: "self-declared" },
		origin: { address: "127.0.0.1", userAgent: "test" },
		type,
		data,
	} as unknown as JoinedEvent;
}

const started = (step: string) =>
	event("run.started", { run: `r-${step}`, step, planDigest: sha256, plan, approval: null });
const finished = (step: string, commands: object[]) =>
	event("run.finished", {
		run: `r-${step}`,
		step,
		outcome: "succeeded",
		exitCode: null,
		checked: false,
		commands: text(JSON.stringify(commands)),
		recording: null,
	});

function account(...events: JoinedEvent[]): string {
	const opened = event("session.opened", {
		session: "s-1",
		kind: "change",
		runbook: { path: "a.md", digest: sha256 },
		title: text("Move the master"),
		source: text("# A"),
		outline: text("[]"),
	});
	const joined = event("participant.joined", { participant: "p-1", name: text("Mara") });
	return accountOf([opened, joined, ...events].map((one, index) => ({ ...one, seq: index + 1 })));
}

/** The lines under the line of a run's beginning. */
function commandsUnder(told: string, step: string): string[] {
	const [, after = ""] = told.split(`step ${step} started as run r-${step}:\n`);
	return (
		/^(?: {6}.*\n)*/
			.exec(after)?.[0]
			.split("\n")
			.filter(Boolean)
			.map((line) => line.trim()) ?? []
	);
}

it("who opened the session is named in the heading and at the first event, though the name comes later", () => {
	const told = account();
	expect(told).toContain("Opened 2026-11-14T02:14:07.000Z by Mara (self-declared, p-1) from 127.0.0.1");
	expect(told).toMatch(/#1 {2}Mara \(self-declared, p-1\): opened the session as change/);
});

it("each run of a group has its own step's commands, its rechecks and its finally as such", () => {
	const told = account(
		started("pause"),
		started("promote"),
		finished("pause", [
			{ phase: "recheck", node: "cache-1", text: "ROLE", state: "done" },
			{ phase: "main", node: "cache-1", text: "CLIENT PAUSE 20000 WRITE", state: "done" },
			{ phase: "finally", node: "cache-1", text: "CLIENT UNPAUSE", state: "done" },
		]),
	);
	expect(commandsUnder(told, "pause")).toEqual([
		"recheck [orders 127.0.0.1:7001] ROLE",
		"[orders 127.0.0.1:7001] CLIENT PAUSE 20000 WRITE",
		"finally [orders 127.0.0.1:7001] CLIENT UNPAUSE",
	]);
});

it("what was sent stands there, not the placeholder of the plan; what was not sent is called so", () => {
	const told = account(
		started("promote"),
		finished("promote", [
			{ phase: "main", node: "cache-2", text: "REPLICAOF 127.0.0.1 7001", state: "failed", error: "READONLY" },
			{ phase: "main", node: "cache-2", text: "WAIT 1 100", state: "not-sent" },
		]),
	);
	expect(commandsUnder(told, "promote")).toEqual([
		"[orders 127.0.0.1:7002] REPLICAOF 127.0.0.1 7001 (failed: READONLY)",
		"[orders 127.0.0.1:7002] WAIT 1 100 (not sent)",
		"finally [orders 127.0.0.1:7002] CONFIG REWRITE (not sent)",
	]);
});

it("a run without an end has the commands that were planned, and says so", () => {
	expect(commandsUnder(account(started("pause")), "pause")).toEqual([
		"planned:",
		"recheck [orders 127.0.0.1:7001] ROLE",
		"[orders 127.0.0.1:7001] CLIENT PAUSE 20000 WRITE",
		"finally [orders 127.0.0.1:7001] CLIENT UNPAUSE",
	]);
});

it("a manual step says what it asked, in place of an empty line", () => {
	const told = account(started("confirm"), finished("confirm", []));
	expect(commandsUnder(told, "confirm")).toEqual(["manual: 2 items to tick and a question"]);
});

it("what was asked of a machine that nobody has configured was asked of this server, not of what it counts as", () => {
	const asked = (passOver: object, id: string | null) => {
		const local = { name: "vm", cluster: "local", address: "vm", kind: "local", environment: "staging", id };
		const steps = [
			{
				step: "look",
				type: "redis",
				commands: [command({ ...first, kind: "redis", environment: "lab", id: "r" }, "PING")],
			},
			{ step: "where", type: "shell", commands: [command(local, "hostname")] },
		];
		return account(
			event("run.requested", {
				approvalNeeded: false,
				confirmation: "key",
				environment: "staging",
				plan: text(JSON.stringify({ steps })),
				planDigest: sha256,
				risk: "unknown",
				runs: [{ attempt: 1, run: "r-1", step: "look" }],
				unit: { group: true, name: "both" },
				...passOver,
			}),
		);
	};
	expect(asked({}, null)).toContain("asked to run both (unknown, lab and this server, confirmed by a key)");
	expect(asked({ passOver: true }, null)).toContain("asked to pass over both (unknown, lab and this server) as not");
	// Also what earlier versions have recorded, which gave that machine an identity.
	expect(asked({}, "vm")).toContain("asked to run both (unknown, staging, confirmed by a key)");
});

it("a run that was not begun is told with its step, and a problem in words", () => {
	const told = account(
		event("run.requested", {
			approvalNeeded: false,
			confirmation: "key",
			environment: "lab",
			plan,
			planDigest: sha256,
			risk: "change",
			runs: [{ attempt: 1, run: "r-promote", step: "promote" }],
			unit: { group: true, name: "failover" },
		}),
		event("run.rejected", { run: "r-promote", code: "group-stopped", reason: text("`pause` failed.") }),
		event("run.finished", {
			run: "r-pause",
			step: "pause",
			outcome: "failed",
			exitCode: null,
			checked: false,
			problem: text(JSON.stringify({ code: "recheck-failed", detail: "Two masters.", next: "Look again." })),
			recording: null,
		}),
	);
	expect(told).toContain("step promote was not begun, run r-promote (group-stopped): `pause` failed.");
	expect(told).toContain("step pause failed, not checked; recheck-failed: Two masters.; no recording");
});

it("a step that was asked for only to be passed over is told as such", () => {
	const told = account(
		event("run.requested", {
			approvalNeeded: false,
			confirmation: "none",
			environment: "lab",
			passOver: true,
			plan,
			planDigest: sha256,
			risk: "change",
			runs: [{ attempt: 1, run: "r-promote", step: "promote" }],
			unit: { group: false, name: "promote" },
		}),
	);
	expect(told).toContain("asked to pass over promote (change, lab) as not needed");
});

it("an account of the same form has the same words: a change of them raises its form", () => {
	const asked = (confirmation: string) =>
		event("run.requested", {
			approvalNeeded: false,
			confirmation,
			environment: "lab",
			plan,
			planDigest: sha256,
			risk: "change",
			runs: [{ attempt: 1, run: "r-pause", step: "pause" }],
			unit: { group: false, name: "pause" },
		});
	const told = account(
		...["none", "key", "typed", "flag"].map(asked),
		started("pause"),
		event("run.answered", { run: "r-pause", answers: text("{}"), attachments: [] }),
		finished("pause", [{ phase: "main", node: "cache-1", text: "CLIENT PAUSE 20000 WRITE", state: "done" }]),
		started("promote"),
		started("confirm"),
		finished("confirm", []),
		event("run.finished", {
			run: "r-promote",
			step: "promote",
			outcome: "lost",
			exitCode: null,
			checked: false,
			commands: text(JSON.stringify([])),
			recording: null,
		}),
		event("session.closed", { outcome: "resolved", summary: text("It has moved.") }),
	);
	const digest = createHash("sha256").update(told).digest("hex");
	// Once a version is out, records with these words are too: raise accountForm, then pin the new digest.
	expect([accountForm, digest]).toEqual([1, "b99b0d9669eb5ad1f52d0900f328452234210a8f28c4d5cf373809b568ff462e"]);
});

/** Any JSON, and what looks like what is recorded with any JSON inside. */
const anyJson = fc.letrec<{ any: unknown }>((tie) => ({
	any: fc.oneof(
		{ maxDepth: 4 },
		fc.jsonValue(),
		fc.array(tie("any"), { maxLength: 3 }),
		fc.dictionary(
			fc.constantFrom(
				...[
					"steps",
					"rechecks",
					"step",
					"type",
					"commands",
					"finally",
					"command",
					"recheck",
					"node",
					"name",
					"cluster",
				],
				...["address", "text", "detail", "items", "length", "question", "phase", "state", "times", "error", "code"],
				...["toString", "__proto__"],
			),
			fc.oneof(tie("any"), fc.constantFrom("look", "main", "manual", "done", "failed")),
		),
	),
})).any;

test.each([
	["plan", { steps: [null, 1] }],
	["plan", { steps: [{ step: "look", type: "manual", detail: { items: { length: { toString: 1 } } } }] }],
	["commands", [null]],
	["commands", [{ node: "n", text: "t", state: "done", times: { toString: 1 } }]],
])("an account of a %s that holds %j is told", (field, value) => {
	expect(accountOf(hostile({ [field]: value }))).toContain("look started as run r1");
});

test("whatever JSON stands where a run's texts are, its account is told", () => {
	fc.assert(
		fc.property(fc.record({ plan: anyJson, commands: anyJson, problem: anyJson, value: anyJson }), (texts) => {
			expect(accountOf(hostile(texts))).toContain("look started as run r1");
		}),
		{ numRuns: 500 },
	);
});

function hostile(texts: Record<string, unknown>): JoinedEvent[] {
	const json = (name: string) => text(JSON.stringify(texts[name] ?? null));
	const own = json("plan");
	return [
		event("run.started", { run: "r1", step: "look", planDigest: sha256, plan: own, approval: null }),
		event("run.finished", {
			run: "r1",
			step: "look",
			outcome: "failed",
			exitCode: null,
			checked: false,
			recording: null,
			problem: json("problem"),
			commands: json("commands"),
		}),
		event("value.set", { name: "v", value: json("value"), secret: false, source: "person" }),
	];
}

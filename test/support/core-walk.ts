import { createHash } from "node:crypto";
import { type Actor, systemActor } from "../../core/access.ts";
import { decide } from "../../core/decide.ts";
import { type EventToApply, evolve } from "../../core/evolve.ts";
import type { JsonValue } from "../../core/json.ts";
import { composePlan, gravestRisk, type Plan, type PlanCommand, type StepPlan } from "../../core/plan.ts";
import { isProblem } from "../../core/problem.ts";
import type { SessionCommand } from "../../core/session-command.ts";
import { activeRuns, newSession, type SessionState } from "../../core/session-state.ts";

const digest = "a".repeat(64);
export const alice: Actor = actor("alice");
export const bob: Actor = actor("bob");

function actor(id: string): Actor {
	return { id, issuer: "self", roles: ["responder"], signIn: "s", assurance: "self-declared" };
}

/** A plan of one command on `orders.master`. */
export function stepPlan(
	step: string,
	text: string,
	risk: StepPlan["risk"],
	environment: "lab" | "production",
): StepPlan {
	const node = {
		cluster: "orders",
		environment,
		kind: "redis",
		name: "cache-1",
		address: "h:1",
		role: "master",
		id: "r",
	};
	return {
		step,
		type: "redis",
		commands: [{ node, reference: "orders.master", text, risk }],
		finally: [],
		cwd: null,
		interpreter: null,
		variables: [],
		secrets: [],
		risk,
		timeoutMs: 1000,
		expect: [],
		capture: [],
		recheck: [],
	};
}

/** A step on the lab `orders` whose `finally` goes to the production cluster `prodx`. */
export function stepWithFinally(
	step: string,
	text: string,
	risk: StepPlan["risk"],
	last: string,
	lastRisk: StepPlan["risk"],
): StepPlan {
	const plan = stepPlan(step, text, risk, "lab");
	const { node } = stepPlan(step, last, lastRisk, "production").commands[0] as PlanCommand;
	const command = { node: { ...node, cluster: "prodx" }, reference: "prodx.master", text: last, risk: lastRisk };
	return { ...plan, finally: [{ command }], risk: gravestRisk([risk, lastRisk]) };
}

export function planOf(unit: string, steps: StepPlan[], rechecks: StepPlan[] = []): Plan {
	return composePlan(
		{ session: "s1", unit, runbook: digest, steps, rechecks },
		(bytes) => createHash("sha256").update(bytes).digest(),
		(text) => Buffer.from(text),
	);
}

/** Stands for the run that is under way. */
export const underWay = "under way";
/** Stands for the digest that the run was requested with. */
export const asRequested = "as requested";

/** Opens a session of a look, a group of two and one more step. */
export const openCommand: Extract<SessionCommand, { type: "open" }> = {
	type: "open",
	kind: "change",
	runbook: { path: "redis/planned-failover.md", digest },
	title: "Planned failover",
	source: "# Planned failover",
	outline: [
		{ name: "look", type: "redis" },
		{ name: "hold", type: "redis", group: "failover" },
		{ name: "fence", type: "redis", group: "failover" },
		{ name: "after", type: "redis" },
	],
	participantName: "Alice",
	values: [{ name: "reason", value: "patch", secret: false }],
};

/** A session as the server drives it, in memory: decide, give numbers, evolve. */
export class CoreWalk {
	state: SessionState = newSession("s1");
	events: EventToApply[] = [];

	/** Blind commands would hardly ever meet a run; these take the one that is under way. */
	#follow(given: SessionCommand): SessionCommand {
		if (!("run" in given) || given.run !== underWay) return given;
		const run = activeRuns(this.state)[0];
		const followed = { ...given, run: run?.run ?? "none" } as SessionCommand;
		return followed.type === "start-run" && followed.planDigest === asRequested
			? { ...followed, planDigest: run?.planDigest ?? "" }
			: followed;
	}

	give(given: SessionCommand, by: Actor = alice, system = false): boolean {
		const command = this.#follow(given);
		const decided = decide(this.state, command, by, { system });
		if (isProblem(decided)) return false;
		for (const draft of decided) {
			const event = {
				seq: this.events.length + 1,
				at: "2026-01-01T00:00:00.000Z",
				actor: { id: system ? systemActor.id : by.id },
				type: draft.type,
				data: seal(draft.data as JsonValue),
			};
			this.events.push(event);
			this.state = evolve(this.state, event);
		}
		return true;
	}
}

/** Contents as the store gives them back. */
export function seal(value: JsonValue): JsonValue {
	if (Array.isArray(value)) return value.map(seal);
	if (value === null || typeof value !== "object") return value;
	if (typeof value.content === "string") return { ref: "r", bytes: value.content.length, content: value.content };
	return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, seal(v as JsonValue)]));
}

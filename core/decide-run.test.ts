import { describe, expect, it } from "vitest";
import { alice, CoreWalk, openCommand, planOf, stepPlan, stepWithFinally } from "../test/support/core-walk.ts";
import { decide } from "./decide.ts";
import { confirmationNeeded } from "./decide-run.ts";
import type { Plan } from "./plan.ts";
import { isProblem } from "./problem.ts";
import type { SessionCommand } from "./session-command.ts";

describe("a request to run", () => {
	const request = (more: Partial<Extract<SessionCommand, { type: "request-run" }>>, plan: Plan): SessionCommand => ({
		type: "request-run",
		plan,
		shownDigest: plan.digest,
		group: false,
		runs: ["r1"],
		confirmation: "none",
		alwaysConfirm: false,
		...more,
	});
	const opened = () => {
		const walk = new CoreWalk();
		walk.give(openCommand);
		return walk;
	};

	it("is refused when the plan has moved since it was shown", () => {
		const walk = opened();
		const plan = planOf("look", [stepPlan("look", "PING", "read", "production")]);
		const refused = decide(walk.state, request({ shownDigest: "c".repeat(64) }, plan), alice);
		expect(refused).toMatchObject({ code: "plan-moved" });
	});

	it("starts on the plan that was confirmed, and on no other", () => {
		const walk = opened();
		const plan = planOf("look", [stepPlan("look", "PING", "read", "production")]);
		walk.give(request({}, plan));
		const start = (planDigest: string) =>
			decide(walk.state, { type: "start-run", run: "r1", planDigest }, alice, { system: true });
		expect(start("c".repeat(64))).toMatchObject({ code: "plan-moved" });
		expect(start(plan.digest)).toMatchObject([{ type: "run.started" }]);
	});

	it("does not start once its cancellation is in the record", () => {
		const walk = opened();
		const plan = planOf("look", [stepPlan("look", "PING", "read", "production")]);
		walk.give(request({}, plan));
		walk.give({ type: "cancel-run", run: "r1" });
		const start = { type: "start-run", run: "r1", planDigest: plan.digest } as const;
		expect(decide(walk.state, start, alice, { system: true })).toMatchObject({ code: "cancelled" });
	});

	it("starts once when two people press Run at the same moment", () => {
		const walk = opened();
		const plan = planOf("look", [stepPlan("look", "PING", "read", "production")]);
		expect(walk.give(request({ runs: ["r1"] }, plan))).toBe(true);
		expect(walk.give(request({ runs: ["r2"] }, plan))).toBe(false);
	});

	it("asks a change for a confirmation, and a destructive step outside a lab for the target's name", () => {
		const walk = opened();
		const change = planOf("hold", [stepPlan("hold", "SET a 1", "change", "lab")]);
		expect(decide(walk.state, request({}, change), alice)).toMatchObject({ code: "confirmation-needed" });
		const gone = planOf("hold", [stepPlan("hold", "FLUSHALL", "destructive", "production")]);
		const asked = (typed: string) => decide(walk.state, request({ confirmation: "typed", typed }, gone), alice);
		expect(asked("order")).toMatchObject({ code: "confirmation-wrong" });
		expect(isProblem(asked("orders"))).toBe(false);
	});

	it("only to pass over asks nobody, and is refused for a step without a condition", () => {
		const walk = opened();
		const change = { ...stepPlan("hold", "SET a 1", "change" as const, "production" as const), when: "false" };
		const passed = decide(walk.state, request({ passOver: true }, planOf("hold", [change])), alice);
		expect(passed).toMatchObject([{ type: "run.requested", data: { confirmation: "none", passOver: true } }]);
		const always = planOf("hold", [stepPlan("hold", "SET a 1", "change", "production")]);
		expect(decide(walk.state, request({ passOver: true }, always), alice)).toMatchObject({ code: "bad-request" });
	});

	it("of a drill runs on labs only", () => {
		const walk = new CoreWalk();
		walk.give({ ...openCommand, kind: "drill" });
		const plan = planOf("look", [stepPlan("look", "PING", "read", "production")]);
		expect(decide(walk.state, request({}, plan), alice)).toMatchObject({ code: "target-not-lab" });
	});

	it("of a drill runs on labs only, by its finally and by what it checks again too", () => {
		const walk = new CoreWalk();
		walk.give({ ...openCommand, kind: "drill" });
		const outside = { code: "target-not-lab", detail: "prodx is not a lab." };
		const final = planOf("look", [stepWithFinally("look", "PING", "read", "FLUSHALL", "destructive")]);
		expect(decide(walk.state, request({ confirmation: "key" }, final), alice)).toMatchObject(outside);
		const { finally: lines } = stepWithFinally("before", "PING", "read", "PING", "read");
		const checked = { ...stepPlan("before", "PING", "read", "lab"), commands: lines.map((line) => line.command) };
		const rechecked = planOf("look", [stepPlan("look", "SET a 1", "change", "lab")], [checked]);
		expect(decide(walk.state, request({ confirmation: "key" }, rechecked), alice)).toMatchObject(outside);
		// What has no command may still look: a drill has nothing to do with a cluster that is no lab.
		const watches = { cluster: "prodx", environment: "production" as const };
		const watching = { ...stepPlan("look", "PING", "read", "lab"), commands: [], watches };
		expect(planOf("look", [watching]).environment).toBe("production");
		for (const plan of [
			planOf("look", [watching]),
			planOf("look", [stepPlan("look", "GET a", "read", "lab")], [watching]),
		]) {
			expect(decide(walk.state, request({}, plan), alice)).toMatchObject(outside);
		}
	});

	it("asks for the name of the cluster that is destroyed, not of one that is only looked at", () => {
		const walk = opened();
		const final = planOf("look", [stepWithFinally("look", "PING", "read", "FLUSHALL", "destructive")]);
		const asked = (typed: string) => decide(walk.state, request({ confirmation: "typed", typed }, final), alice);
		expect(asked("orders")).toMatchObject({ code: "confirmation-wrong" });
		expect(isProblem(asked("prodx"))).toBe(false);
	});

	it("of a rehearsal executes nothing", () => {
		const walk = new CoreWalk();
		walk.give({ ...openCommand, kind: "rehearsal" });
		const plan = planOf("look", [stepPlan("look", "PING", "read", "lab")]);
		expect(decide(walk.state, request({}, plan), alice)).toMatchObject({ code: "not-allowed" });
	});
});

describe("which confirmation a plan asks for", () => {
	it("goes by risk and environment", () => {
		expect(confirmationNeeded({ risk: "read", environment: "production" })).toBe("none");
		expect(confirmationNeeded({ risk: "unknown", environment: "lab" })).toBe("none");
		expect(confirmationNeeded({ risk: "unknown", environment: "production" })).toBe("key");
		expect(confirmationNeeded({ risk: "change", environment: "lab" })).toBe("key");
		expect(confirmationNeeded({ risk: "destructive", environment: "lab" })).toBe("key");
		expect(confirmationNeeded({ risk: "destructive", environment: "staging" })).toBe("typed");
	});
});

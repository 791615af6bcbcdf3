import { expect, it } from "vitest";
import { planOf, stepPlan } from "../test/support/core-walk.ts";
import type { StepPlan } from "./plan.ts";
import { runPlace } from "./run-place.ts";
import type { Environment } from "./target.ts";

const redis = (environment: "lab" | "production") => stepPlan("look", "PING", "change", environment);

/** A step of a shell on the server's machine; `id` is null where no configuration says what that machine is. */
function shell(id: string | null, environment: Environment): StepPlan {
	const plan = stepPlan("sh", "date", "unknown", "lab");
	const node = { cluster: "local", environment, kind: "local", name: "vm", address: "vm", role: "host", id };
	return { ...plan, type: "shell", commands: plan.commands.map((command) => ({ ...command, node })) };
}

const words = (...steps: StepPlan[]) => runPlace(planOf("u", steps));

it("the server's machine that nobody has configured is this server, beside what somebody has", () => {
	expect(words(shell(null, "staging"))).toBe("this server");
	expect(words(redis("lab"), shell(null, "staging"), redis("lab"))).toBe("lab and this server");
	expect(words(shell(null, "staging"), redis("production"))).toBe("production and this server");
	// How it is confirmed stays with what it counts as.
	expect(planOf("u", [shell(null, "staging"), redis("lab")]).environment).toBe("staging");
});

it("a machine of the server that somebody has configured is in the environment that they gave it", () => {
	expect(words(shell("vm", "production"))).toBe("production");
	expect(words(shell("vm", "staging"), redis("lab"))).toBe("staging");
});

it("what only looks at a cluster runs where that stands, and what goes nowhere runs nowhere", () => {
	const idle = { ...redis("lab"), commands: [] };
	expect(words({ ...idle, watches: { cluster: "orders", environment: "production" } })).toBe("production");
	expect(words(idle)).toBeNull();
});

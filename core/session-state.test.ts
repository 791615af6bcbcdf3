import { expect, it } from "vitest";
import { attemptsUpTo, type RunState } from "./session-state.ts";

it("a run that was asked for and refused before it began is no attempt", () => {
	const run = (id: string, startedAt?: string) =>
		({ run: id, step: "look", ...(startedAt && { startedAt }) }) as RunState;
	const runs = { a: run("a"), b: run("b", "2026-11-14T02:14:07Z"), c: run("c"), d: run("d", "2026-11-14T02:15:07Z") };
	const steps = { look: { name: "look", type: "shell", status: "succeeded", runs: ["a", "b", "c", "d"] } } as const;
	const of = (id: keyof typeof runs) => attemptsUpTo({ runs, steps: steps as never }, runs[id]);
	expect([of("b"), of("d")]).toEqual([1, 2]);
});

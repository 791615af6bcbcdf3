import { expect, it } from "vitest";
import { problem } from "../../core/problem.ts";
import { createMasking } from "../terminals/masker.ts";
import type { StepOutcome } from "./judge-result.ts";
import { maskedOutcome } from "./masked-outcome.ts";

it("a reply that holds a secret is recorded without it, wherever it stands; what was captured stays usable", () => {
	const outcome: StepOutcome = {
		outcome: "failed",
		exitCode: null,
		checked: true,
		result: { auth: ["user", { "hunter2!": "is hunter2! here", number: 3, none: null }] },
		problem: problem("check-failed", "hunter2! came", { data: { wanted: "x", got: "hunter2!" } }),
		captured: { word: "hunter2!" },
		checks: [{ that: "result == 'x'", held: false, said: "it was hunter2!" }],
		commands: [],
	};
	const masked = maskedOutcome(outcome, createMasking(["hunter2!"]).text);
	expect(masked.result).toEqual({ auth: ["user", { "********": "is ******** here", number: 3, none: null }] });
	expect(masked.captured).toEqual({ word: "hunter2!" });
	expect(JSON.stringify({ ...masked, captured: {} })).not.toContain("hunter2");
	expect(masked.problem).toMatchObject({ code: "check-failed", detail: "******** came" });
});

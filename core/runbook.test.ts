import { expect, it } from "vitest";
import { usualSessionKind } from "./runbook.ts";

it("takes a walk through a runbook of the gravest severities for an incident, any other for a planned change", () => {
	expect((["P0", "P1", "P2", "P3"] as const).map((severity) => usualSessionKind({ severity }))).toEqual([
		"incident",
		"incident",
		"change",
		"change",
	]);
	expect(usualSessionKind({})).toBe("change");
});

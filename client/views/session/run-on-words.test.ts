import { expect, it } from "vitest";
import { runOnWords } from "./run-on-words.ts";
import { unitTitle } from "./unit-title.ts";

const specs = new Map([
	["hold", { title: "Hold writes" }],
	["fence", { title: "Fence the old master" }],
]);

it("says at which step running on has ended, by its title, why, and what to do", () => {
	const title = unitTitle({ name: "hold", group: false, steps: ["hold"] }, specs);
	expect(runOnWords("person", title)).toBe("Hold writes needs a person: answer it, then run on.");
	expect(runOnWords("confirm", title)).toBe("Hold writes asks to be confirmed: press Enter.");
	expect(runOnWords("left-out", title)).toBe("Hold writes is left out of running on: press Enter to run it.");
	expect(runOnWords("unplanned", title)).toBe("Hold writes can’t be planned: its card says why.");
	expect(runOnWords("failed", title)).toBe("Hold writes failed, so running on has stopped.");
	expect(runOnWords("cancelled", title)).toBe("Hold writes was cancelled, so running on has stopped.");
	expect(runOnWords("lost", title)).toBe("Hold writes was lost, so running on has stopped.");
});

it("a group is told by its first step's title, never by the name that the author gave the group", () => {
	const title = unitTitle({ name: "failover-grp-1", group: true, steps: ["hold", "fence"] }, specs);
	expect(runOnWords("confirm", title)).toBe("Hold writes (2 steps as one) asks to be confirmed: press Enter.");
});

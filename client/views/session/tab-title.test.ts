import { expect, it } from "vitest";
import { tabTitle } from "./tab-title.ts";

const now = {
	title: "Planned failover",
	done: 5,
	steps: 9,
	closed: false,
	moment: null,
	runningOn: false,
	ended: null,
	driver: "you",
	confirming: false,
} as const;

it("the tab tells how far and what goes on, first", () => {
	const moment = { kind: "waiting", ms: 12_400 } as const;
	expect(tabTitle({ ...now, moment })).toBe("5/9 waiting 12 s · Planned failover");
	expect(tabTitle({ ...now, moment: { kind: "running", ms: 20 } })).toBe("5/9 running 1 s · Planned failover");
	expect(tabTitle({ ...now, done: 9 })).toBe("9/9 done · Planned failover");
	expect(tabTitle({ ...now, confirming: true })).toBe("5/9 your confirmation · Planned failover");
	expect(tabTitle({ ...now, closed: true, ended: "failed" })).toBe("closed 5/9 · Planned failover");
});

it("the tab says failed only of what failed, and that something is mine only when it is", () => {
	for (const ended of ["failed", "cancelled", "lost"] as const) {
		expect(tabTitle({ ...now, ended })).toBe(`5/9 ${ended} · Planned failover`);
	}
	expect(tabTitle(now)).toBe("5/9 next is yours · Planned failover");
	expect(tabTitle({ ...now, driver: { name: "bob" } })).toBe("5/9 next is bob’s · Planned failover");
	expect(tabTitle({ ...now, driver: null })).toBe("5/9 nobody drives · Planned failover");
	// Between two steps of running on, also when the next one had failed before.
	expect(tabTitle({ ...now, runningOn: true, ended: "failed" })).toBe("5/9 running on · Planned failover");
	const moment = { kind: "answer", ms: 3_000 } as const;
	expect(tabTitle({ ...now, moment })).toBe("5/9 your answer 3 s · Planned failover");
	expect(tabTitle({ ...now, moment, driver: { name: "bob" } })).toBe(
		"5/9 waiting for an answer 3 s · Planned failover",
	);
});

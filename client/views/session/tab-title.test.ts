import { expect, it } from "vitest";
import { tabTitle } from "./tab-title.ts";

const now = { title: "Planned failover", done: 5, steps: 9, closed: false, active: null, failed: false };

it("the tab tells how far and what goes on, first", () => {
	expect(tabTitle({ ...now, active: { words: "waiting", ms: 12_400 } })).toBe("5/9 waiting 12 s · Planned failover");
	expect(tabTitle({ ...now, active: { words: "running", ms: 20 } })).toBe("5/9 running 1 s · Planned failover");
	expect(tabTitle({ ...now, failed: true })).toBe("5/9 failed · Planned failover");
	expect(tabTitle({ ...now, done: 9 })).toBe("9/9 done · Planned failover");
	expect(tabTitle(now)).toBe("5/9 next is yours · Planned failover");
	expect(tabTitle({ ...now, closed: true })).toBe("closed 5/9 · Planned failover");
});

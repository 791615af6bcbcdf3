import { expect, it } from "vitest";
import type { SessionSummary } from "../../../core/protocol.ts";
import { anyRecord, isFiltered, listArgument, readFilter, widen, writeFilter } from "./record-filter.ts";
import { rowWindow } from "./row-window.ts";

it("a filter stands whole in the address, and an address gives the same filter again", () => {
	const filter = { ...anyRecord, kind: "drill", person: "alice & bob", from: "2026-11-14", q: "FAILOVER orders" };
	expect(writeFilter(filter)).toBe("?kind=drill&person=alice+%26+bob&from=2026-11-14&q=FAILOVER+orders");
	expect(readFilter(writeFilter(filter))).toEqual(filter);
	expect(writeFilter(anyRecord)).toBe("");
	expect(readFilter("")).toEqual(anyRecord);
});

it("what no filter can be is taken as any", () => {
	expect(readFilter("?kind=party&outcome=won&from=yesterday&to=2026-11&more=1")).toEqual(anyRecord);
});

it("the server is asked only for what is filtered, and full text is another question", () => {
	expect(listArgument({ ...anyRecord, q: "text" })).toEqual({});
	expect(listArgument({ ...anyRecord, kind: "change", target: "orders" })).toEqual({
		kind: "change",
		target: "orders",
	});
	expect(isFiltered({ ...anyRecord, q: "text" })).toBe(false);
	expect(isFiltered({ ...anyRecord, to: "2026-11-14" })).toBe(true);
});

it("choices grow by what is seen and lose nothing", () => {
	const session = { targets: ["orders", "carts"], openedBy: "alice", runbook: "a.md" } as SessionSummary;
	const first = widen({ target: [], person: [], runbook: [] }, [session, session]);
	expect(first).toEqual({ target: ["carts", "orders"], person: ["alice"], runbook: ["a.md"] });
	expect(widen(first, [])).toEqual(first);
});

it("of thousands of rows only those in sight are drawn, and the others keep their room", () => {
	for (const top of [200, 0, -5_000, -319_000, -400_000]) {
		const { first, end, above, below } = rowWindow(5_000, 64, top, 900);
		expect(end - first).toBeLessThan(40);
		expect(above + (end - first) * 64 + below).toBe(5_000 * 64);
	}
	expect(rowWindow(5_000, 64, -6_400, 640)).toMatchObject({ first: 92, end: 119 });
	expect(rowWindow(3, 64, 100, 900)).toEqual({ first: 0, end: 3, above: 0, below: 0 });
	expect(rowWindow(0, 64, 100, 900)).toEqual({ first: 0, end: 0, above: 0, below: 0 });
});

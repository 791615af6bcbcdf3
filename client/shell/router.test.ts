import { expect, it } from "vitest";
import { pageAddress, readRoute } from "./router.ts";

it("addresses lead to their pages, and back", () => {
	expect(readRoute("/")).toEqual({ page: "library" });
	expect(readRoute(pageAddress.runbook("redis/a b#c.md"))).toEqual({ page: "runbook", path: "redis/a b#c.md" });
	expect(readRoute("/sessions/01J/")).toEqual({ page: "session", session: "01J" });
	expect(readRoute("/record")).toEqual({ page: "record" });
	expect(readRoute("/record/01J")).toEqual({ page: "replay", session: "01J" });
	expect(readRoute("/lab")).toEqual({ page: "lab" });
});

it("an address that means nothing, or has a broken escape, is not found", () => {
	expect(readRoute("/sessions/a/b")).toEqual({ page: "not-found" });
	expect(readRoute("/wp-admin")).toEqual({ page: "not-found" });
	expect(readRoute("/runbooks/%E0%A4%A")).toEqual({ page: "not-found" });
});

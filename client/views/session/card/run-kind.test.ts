import { expect, it } from "vitest";
import { runKind } from "./run-kind.ts";

it("Run is red for what is known to change something, has a tone of its own for what nobody knows, and is plain for what looks", () => {
	const kinds = (environment: "lab" | "production") =>
		(["read", "unknown", "change", "destructive"] as const).map((risk) => runKind({ risk, environment }));
	expect(kinds("production")).toEqual(["primary", "unknown", "danger", "danger"]);
	expect(kinds("lab")).toEqual(["primary", "primary", "danger", "danger"]);
});

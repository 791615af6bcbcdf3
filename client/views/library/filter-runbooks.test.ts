import { expect, it } from "vitest";
import type { RunbookSummary } from "../../../core/protocol.ts";
import { filterRunbooks, noFilter, occurring } from "./filter-runbooks.ts";

const runbook = (path: string, more: Partial<RunbookSummary> = {}): RunbookSummary => ({
	path,
	title: path,
	summary: "",
	systems: [],
	severity: null,
	owner: null,
	steps: 1,
	parameters: 0,
	errors: 0,
	warnings: 0,
	usuallyMs: null,
	last: null,
	lastPassedAt: null,
	stale: false,
	reviewMs: null,
	...more,
});

it("a filter keeps what has all of its values, and the query looks in title, summary, path, system and owner", () => {
	const list = [
		runbook("a", { systems: ["redis"], severity: "P1", owner: "storage-oncall" }),
		runbook("b", {
			systems: ["redis", "local"],
			severity: "P2",
			lastPassedAt: "2026-01-01T00:00:00.000Z",
			stale: true,
		}),
		runbook("c", { systems: ["mongodb"], summary: "Initial sync watched" }),
	];
	const paths = (filter: Partial<typeof noFilter>) =>
		filterRunbooks(list, { ...noFilter, ...filter }).map((r) => r.path);
	expect(paths({})).toEqual(["a", "b", "c"]);
	expect(paths({ system: "redis" })).toEqual(["a", "b"]);
	expect(paths({ system: "redis", severity: "P2" })).toEqual(["b"]);
	expect(paths({ freshness: "stale" })).toEqual(["b"]);
	expect(paths({ freshness: "never" })).toEqual(["a", "c"]);
	expect(paths({ query: "sync" })).toEqual(["c"]);
	expect(paths({ query: "storage" })).toEqual(["a"]);
	expect(occurring(list.map((r) => r.severity))).toEqual(["P1", "P2"]);
});

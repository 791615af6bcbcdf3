import type { RequestArgument, SessionSummary } from "../../../core/protocol.ts";

/** What the record's page is asked to show: all of it stands in the address. Empty means any. */
export interface RecordFilter {
	kind: string;
	outcome: string;
	target: string;
	person: string;
	runbook: string;
	/** Days, `2026-11-14`, both included. */
	from: string;
	to: string;
	/** Full text over commands, output, notes and titles. */
	q: string;
}

const names = ["kind", "outcome", "target", "person", "runbook", "from", "to", "q"] as const;

export const anyRecord: RecordFilter = {
	kind: "",
	outcome: "",
	target: "",
	person: "",
	runbook: "",
	from: "",
	to: "",
	q: "",
};

export const kinds = ["incident", "change", "drill", "rehearsal"] as const;
/** How a session ended, or that it has not. */
export const outcomes = ["resolved", "mitigated", "partial", "failed", "abandoned", "open"] as const;

const day = /^\d{4}-\d\d-\d\d$/;

/** Reads the filter of an address; what no filter can be is taken as any. */
export function readFilter(search: string): RecordFilter {
	const parameters = new URLSearchParams(search);
	const filter = { ...anyRecord };
	for (const name of names) filter[name] = (parameters.get(name) ?? "").trim().slice(0, 200);
	if (!(kinds as readonly string[]).includes(filter.kind)) filter.kind = "";
	if (!(outcomes as readonly string[]).includes(filter.outcome)) filter.outcome = "";
	if (!day.test(filter.from)) filter.from = "";
	if (!day.test(filter.to)) filter.to = "";
	return filter;
}

/** The query of an address, with its question mark; empty when nothing is filtered. */
export function writeFilter(filter: RecordFilter): string {
	const parameters = new URLSearchParams();
	for (const name of names) if (filter[name] !== "") parameters.set(name, filter[name]);
	const query = parameters.toString();
	return query === "" ? "" : `?${query}`;
}

/** What the server is asked for. */
export function listArgument(filter: RecordFilter): RequestArgument<"record.list"> {
	const { kind, q: _, ...rest } = filter;
	const given = Object.entries(rest).filter(([, value]) => value !== "");
	return { ...Object.fromEntries(given), ...(kind === "" ? {} : { kind: kind as (typeof kinds)[number] }) };
}

export function isFiltered(filter: RecordFilter): boolean {
	return writeFilter({ ...filter, q: "" }) !== "";
}

/** What can be chosen: the values that have been seen, each once, sorted; grows as more is seen. */
export interface Choices {
	target: string[];
	person: string[];
	runbook: string[];
}

export function widen(choices: Choices, sessions: readonly SessionSummary[]): Choices {
	const join = (known: readonly string[], more: readonly string[]) =>
		[...new Set([...known, ...more])].filter((value) => value !== "").sort();
	return {
		target: join(
			choices.target,
			sessions.flatMap((s) => s.targets),
		),
		person: join(
			choices.person,
			sessions.map((s) => s.openedBy),
		),
		runbook: join(
			choices.runbook,
			sessions.map((s) => s.runbook),
		),
	};
}

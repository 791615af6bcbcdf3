import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { JoinedEvent } from "../../core/session-event.ts";
import { type CliProcess, type Ended, startCli } from "./cli-process.ts";

/** A folder for the commands of one test, made before it and gone after it, with a data folder that the first one makes. */
export interface CliFolder {
	readonly path: string;
	readonly data: string;
	/** Starts `runledger` there, on no data folder but the one that is named. */
	start(...args: string[]): CliProcess;
	/** Runs it there on `data`, to its end. */
	runledger(...args: string[]): Promise<Ended>;
	/** Writes a runbook of these blocks; gives its file. */
	runbook(name: string, ...blocks: string[]): string;
}

/** Called once in a file of tests. */
export function useCliFolder(): CliFolder {
	let path = "";
	beforeEach(() => {
		path = mkdtempSync(join(tmpdir(), "cli-"));
	});
	afterEach(() => rmSync(path, { recursive: true, force: true }));
	const data = () => join(path, "data");
	return {
		get path() {
			return path;
		},
		get data() {
			return data();
		},
		start: (...args) => startCli(args, path),
		runledger: (...args) => startCli([...args, "--data", data()], path).ended,
		runbook(name, ...blocks) {
			const file = join(path, name);
			writeFileSync(file, `# ${name}\n\n${blocks.join("\n\n")}\n`);
			return file;
		},
	};
}

/** Three backticks, which a template can't hold. */
export const fence = "```";

/** A shell step that only reads. */
export const sh = (name: string, body: string, more: Record<string, string> = {}): string =>
	`${fence}sh ${JSON.stringify({ name, risk: "read", ...more })}\n${body}\n${fence}`;

/** What `run --json` said. */
export const eventsOf = (out: string): JoinedEvent[] =>
	out
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line) as JoinedEvent);

/** The ends of its runs. */
export const finishedOf = (events: readonly JoinedEvent[]): JoinedEvent["data"][] =>
	events.filter((event) => event.type === "run.finished").map(({ data }) => data);

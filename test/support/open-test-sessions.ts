import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Identity } from "../../core/access.ts";
import { ProblemError } from "../../core/problem.ts";
import { decodeRecording, recordingBytes } from "../../core/recording.ts";
import { openServerJournal } from "../../server/access/server-journal.ts";
import { type DataFolder, openDataFolder } from "../../server/records/data-folder.ts";
import { parseRunbook } from "../../server/runbooks/parse-runbook.ts";
import { openSessions } from "../../server/sessions/open-sessions.ts";
import type { Caller, Sessions, UnitOutcome } from "../../server/sessions/sessions.ts";
import { endStrays } from "../../server/terminals/end-strays.ts";
import { openRunTerminal } from "../../server/terminals/open-run-terminal.ts";
import { terminalPlatform } from "../../server/terminals/terminal-platform.ts";
import { stepTypes } from "../../steps/index.ts";
import { stepExecutors } from "../../steps/server.ts";
import { targetKind } from "../../targets/index.ts";
import type { Target, TargetHost } from "../../targets/target-kind.ts";

/** The engine on a real data folder, without doors. */
export interface TestSessions {
	sessions: Sessions;
	folder: DataFolder;
	/** Runbooks by path, as a test writes them. */
	runbooks: Map<string, string>;
	targets: Map<string, Target>;
	alice: Caller;
	bob: Caller;
	/** Opens a session on a source; kind `change` unless told. */
	open(source: string, values?: Record<string, string>, kind?: "change" | "drill" | "rehearsal"): Promise<string>;
	/** Shows a unit's plan and runs it as shown, confirmed by a key; resolves when it has ended. */
	run(session: string, unit: string, typed?: string): Promise<UnitOutcome>;
	/** What a run's terminal has shown, from its sealed recording. */
	output(session: string, run: string): Promise<string>;
	/** Closes it; `keep` leaves the folder for the next. */
	close(keep?: boolean): Promise<void>;
}

export function callerNamed(name: string): Caller {
	const identity: Identity = {
		id: `person-${name}`,
		name,
		issuer: "self",
		roles: ["responder"],
		signIn: "test",
		assurance: "self-declared",
	};
	return { identity, origin: { address: "127.0.0.1", userAgent: "test" } };
}

const start = performance.now();

export async function openTestSessions(
	options: {
		at?: string;
		targets?: Target[];
		timeoutMs?: number;
		stopWithinMs?: number;
		readSecret?: TargetHost["readSecret"];
	} = {},
): Promise<TestSessions> {
	const at = options.at ?? (await mkdtemp(join(tmpdir(), "runledger-test-")));
	const folder = await openDataFolder(at, { now: () => Date.now(), mono: () => process.hrtime.bigint() });
	const journal = openServerJournal(folder.events);
	const runbooks = new Map<string, string>();
	const local: Target = { name: "local", kind: "local", environment: "lab", config: {} };
	const targets = new Map([local, ...(options.targets ?? [])].map((target) => [target.name, target]));
	const types = Object.values(stepTypes);
	const monoMs = () => performance.now() - start;
	const executors = stepExecutors({
		environment: process.env,
		directory: tmpdir(),
		temporaryFolder: tmpdir(),
		monoMs,
	});
	const platform = terminalPlatform(process.platform);
	const sessions = openSessions({
		store: folder.events,
		recordings: folder.recordings,
		serverEvent: (draft) => journal.append(draft),
		readSource: async (path) => {
			const source = runbooks.get(path);
			if (source === undefined) throw new ProblemError("runbook-not-found", path);
			return source;
		},
		parse: (source, path) => parseRunbook(source, { path, stepTypes: types }),
		stepTypes: types,
		executorOf: (type) => executors[type as keyof typeof executors],
		target: (name) => {
			const target = targets.get(name);
			const kind = target === undefined ? undefined : targetKind(target.kind);
			return target && kind ? { target, kind } : null;
		},
		host: {
			readSecret:
				options.readSecret ??
				(() => {
					throw new ProblemError("config-invalid", "Tests have no secrets.");
				}),
			now: () => new Date(),
		},
		openTerminal: ({ session, run, title, secrets, signal }) =>
			openRunTerminal({
				session,
				run,
				title,
				secrets,
				signal,
				recordings: folder.recordings,
				platform,
				clock: { now: () => new Date(), monotonicMs: monoMs },
				cols: 120,
				rows: 40,
				limits: { grace: { interruptMs: 300, terminateMs: 300 } },
			}),
		endStrays: async (runs) => (await endStrays(new Set(runs), platform)).length,
		stopWithinMs: options.stopWithinMs ?? 45_000,
		newId: () => randomBytes(8).toString("hex"),
		now: () => new Date(),
		monoMs,
		key: randomBytes(32),
		defaultTimeoutMs: options.timeoutMs ?? 20_000,
		recordHealth: () => folder.health.state,
		usuallyMs: () => null,
	});
	const alice = callerNamed("alice");
	return {
		sessions,
		folder,
		runbooks,
		targets,
		alice,
		bob: callerNamed("bob"),
		async open(source, values = {}, kind = "change") {
			const path = `test/${runbooks.size}.md`;
			runbooks.set(path, source);
			return sessions.open({ path, kind, values }, alice);
		},
		async output(session, run) {
			const cast = new TextDecoder().decode(await folder.recordings.read(session, run));
			return new TextDecoder().decode(recordingBytes(decodeRecording(cast).events));
		},
		async run(session, unit, typed) {
			const { plan, confirmation } = await sessions.plan(session, unit);
			const request = { unit, planDigest: plan.digest, confirmation, ...(typed === undefined ? {} : { typed }) };
			const { finished } = await sessions.request(session, request, alice);
			return finished;
		},
		async close(keep = false) {
			await sessions.stop();
			await sessions.dispose();
			await folder.close();
			if (!keep) await rm(at, { recursive: true, force: true });
		},
	};
}

import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { ulid } from "ulid";
import { ProblemError } from "../core/problem.ts";
import type { TargetSummary, VerifySummary } from "../core/protocol.ts";
import { stepTypes } from "../steps/index.ts";
import { stepExecutors } from "../steps/server.ts";
import type { StepExecutor } from "../steps/step-executor.ts";
import { targetKinds } from "../targets/index.ts";
import { openServerJournal, type ServerJournal } from "./access/server-journal.ts";
import { openSignIns, type SignIns } from "./access/sign-ins.ts";
import type { Configuration } from "./config.ts";
import { createReadSecret } from "./config-secrets.ts";
import { readFolderKey } from "./folder-key.ts";
import { GivenFiles } from "./given-files.ts";
import { processLabs } from "./process-labs.ts";
import { RecordSearch } from "./record-search.ts";
import { type DataFolder, openDataFolder } from "./records/data-folder.ts";
import { exportSession } from "./records/export.ts";
import { missingSessionHeads } from "./records/session-head.ts";
import { verifyPath } from "./records/verify.ts";
import { type Library, openLibrary } from "./runbooks/library.ts";
import { openSessions } from "./sessions/open-sessions.ts";
import { problemOf } from "./sessions/problem-of.ts";
import type { Sessions } from "./sessions/sessions.ts";
import type { LabPort } from "./socket/lab-port.ts";
import { WalkHistory } from "./socket/walk-history.ts";
import { TargetDirectory } from "./target-directory.ts";
import { freshTemporaryFolder } from "./temporary-folder.ts";
import { endStrays } from "./terminals/end-strays.ts";
import { openRunTerminal } from "./terminals/open-run-terminal.ts";
import type { RunTerminalHandle } from "./terminals/run-terminal.ts";
import { createScreens, type Screens } from "./terminals/screens.ts";
import { terminalPlatform } from "./terminals/terminal-platform.ts";

/** The machine and the moment; the only place that reads globals is the caller. */
export interface Surroundings {
	env: Record<string, string | undefined>;
	cwd: string;
	platform: string;
	version: string;
	log: Logger;
	/** Unix milliseconds by which sign-ins end; the machine's clock unless told. */
	now?(): number;
}

/** Everything of a server but its doors: what `serve` shows and the command line runs alike. */
export interface Engine {
	/** Node's name of the operating system. */
	platform: string;
	configuration: Configuration;
	folder: DataFolder;
	library: Library;
	sessions: Sessions;
	signIns: SignIns;
	journal: ServerJournal;
	history: WalkHistory;
	screens: Screens;
	labs: LabPort;
	given: GivenFiles;
	search: RecordSearch;
	/** Calls back with each run's terminal as it is opened; returns the way to stop. */
	followTerminals(listener: (terminal: RunTerminalHandle) => void): () => void;
	targets(): TargetSummary[];
	/** Reads the labs' targets anew. */
	refreshTargets(): void;
	/** Calls back when a target has come, gone or moved; returns the way to stop. */
	followTargets(listener: () => void): () => void;
	verify(session: string | undefined): Promise<VerifySummary>;
	/** Exports to a folder or an archive; gives the absolute path. */
	exportTo(session: string, out: string): Promise<string>;
	/** Runs that a death had left open. */
	recovered: number;
	/**
	 * Cancels what runs, records it and lets go of the data folder: within 50 s, whatever runs and whatever the disk does.
	 * Throws `record-unwritable`, after all that, when the record could not be written to its end.
	 */
	close(reason: string): Promise<void>;
}

/** How long a start waits for the folders of runbooks to be read. */
const mostScanMs = 2_000;

/** For the grace of a cancellation, and for the commands of a `finally`. */
const stopWithinMs = 45_000;

/** A terminal's size before anybody looks. */
const firstSize = { cols: 120, rows: 30 };

/**
 * Opens a data folder with everything that works on it. Takes the folder's lock: throws `record-locked` when another
 * process has it, `record-unwritable` when it can't be written.
 */
export async function openEngine(configuration: Configuration, around: Surroundings): Promise<Engine> {
	const { log, env } = around;
	const monoMs = () => performance.now();
	const now = () => new Date();
	const folder = await openDataFolder(configuration.dataFolder, {
		now: () => Date.now(),
		mono: () => process.hrtime.bigint(),
		onListenerError: (error) => log.error({ err: error }, "listener"),
	});
	const closers: (() => Promise<void>)[] = [() => folder.close()];
	try {
		const journal = openServerJournal(folder.events);
		const signIns = openSignIns(folder.paths.folder, around.now ?? (() => Date.now()), monoMs);
		const directory = new TargetDirectory({
			configured: configuration.targets,
			dataFolder: folder.paths.folder,
			kinds: targetKinds,
			monoMs,
			told: (told) => log.warn({ problem: told }, "lab"),
		});
		const limits = { bytes: configuration.limits.runbookBytes, steps: configuration.limits.steps };
		const library = openLibrary({ folders: configuration.runbooks, stepTypes: Object.values(stepTypes), limits });
		closers.unshift(() => library.close());
		// A small library is there at once; a large one is read while the server answers already.
		await Promise.race([library.scanned, delay(mostScanMs, undefined, { ref: false })]);
		const given = new GivenFiles();
		const screens = createScreens(monoMs);
		closers.unshift(() => screens.close());
		const platform = terminalPlatform(around.platform);
		const temporaryFolder = await freshTemporaryFolder(tmpdir(), folder.paths.folder);
		closers.unshift(() => rm(temporaryFolder, { recursive: true, force: true }));
		const executors: Record<string, StepExecutor<any>> = stepExecutors({
			environment: env,
			directory: configuration.shell.cwd ?? around.cwd,
			temporaryFolder,
			monoMs,
		});
		const clock = { now, monotonicMs: monoMs };
		let history: WalkHistory | null = null;
		const terminalListeners = new Set<(terminal: RunTerminalHandle) => void>();

		const sessions = openSessions({
			store: folder.events,
			recordings: folder.recordings,
			serverEvent: (draft) => journal.append(draft),
			readSource: async (path) => given.source(path) ?? (await library.open(path)).source,
			parse: (source, path, names) => library.parse(source, path, names),
			stepTypes: Object.values(stepTypes),
			executorOf: (type) => {
				const executor = Object.hasOwn(executors, type) ? executors[type] : undefined;
				if (!executor) throw new Error(`no executor of ${type}`);
				return executor;
			},
			target: (name) => directory.find(name),
			host: { readSecret: createReadSecret(env), now },
			async openTerminal({ session, run, title, secrets, signal, onLimit }) {
				const terminal = await openRunTerminal({
					session,
					run,
					title,
					secrets,
					signal,
					onLimit: () => onLimit(),
					recordings: folder.recordings,
					platform,
					clock,
					...firstSize,
					limits: { outputBytes: configuration.limits.outputBytes },
				});
				screens.follow(terminal.log);
				for (const listener of terminalListeners) listener(terminal);
				return terminal;
			},
			endStrays: async (runs) => (await endStrays(new Set(runs), platform)).length,
			stopWithinMs,
			newId: () => ulid(),
			now,
			monoMs,
			key: readFolderKey(folder.paths.folder),
			defaultTimeoutMs: configuration.limits.timeoutMs,
			recordHealth: () => folder.health.state,
			usuallyMs: (runbook) => history?.usuallyMs(runbook) ?? null,
		});
		closers.unshift(() => sessions.dispose());
		history = new WalkHistory(sessions);
		const search = new RecordSearch(folder, log, (session) => sessions.maskOf(session));
		closers.unshift(() => search.close());
		const recovered = await sessions.recover();
		for (const head of missingSessionHeads(folder.events)) await journal.append(head);
		const note = (path: string, digest: string | null): void => {
			sessions.noteRunbook(path, digest).catch((error: unknown) => log.error({ err: error, path }, "runbook changed"));
		};
		library.onChange((changes) => {
			for (const { path, digest } of changes) note(path, digest);
		});
		// Files change while nobody is watching, too.
		const opened = new Set(sessions.list().flatMap(({ runbook, status }) => (status === "closed" ? [] : [runbook])));
		for (const path of opened) {
			if (!configuration.runbooks.some(({ name }) => path.startsWith(`${name}/`))) continue;
			try {
				note(path, (await library.open(path)).runbook.digest);
			} catch (error) {
				if (problemOf(error).code === "runbook-not-found") note(path, null);
			}
		}
		void library.scanned.then(() => {
			for (const told of library.problems()) log.warn({ problem: told }, "runbooks");
		});
		await journal.append({
			type: "server.started",
			data: { version: around.version, epoch: folder.events.epoch, recovered },
		});

		return {
			platform: around.platform,
			configuration,
			folder,
			library,
			sessions,
			signIns,
			journal,
			history,
			screens,
			given,
			search,
			recovered,
			labs: processLabs({
				dataFolder: folder.paths.folder,
				path: env.PATH ?? "",
				now,
				refuseName: (name) => directory.refuseLabName(name),
			}),
			followTerminals(listener) {
				terminalListeners.add(listener);
				return () => terminalListeners.delete(listener);
			},
			targets: () => directory.summaries(),
			refreshTargets: () => directory.refresh(),
			followTargets: (listener) => directory.follow(listener),
			async verify(session) {
				const report = await verifyPath(folder.paths.folder, session === undefined ? {} : { session });
				return { ...report, firstBad: report.firstBad as VerifySummary["firstBad"], at: now().toISOString() };
			},
			exportTo: (session, out) => exportSession(folder.events, folder.recordings, session, out),
			async close(reason) {
				let unrecorded = await sessions.stop();
				await journal.append({ type: "server.stopped", data: { reason } }).catch((error: unknown) => {
					log.error({ err: error }, "the end could not be recorded");
					unrecorded ??= problemOf(error);
				});
				await journal.settled();
				await closeAll(closers, log);
				if (unrecorded === null) return;
				const why = unrecorded.detail.replace(/\.$/, "");
				throw new ProblemError("record-unwritable", `The record ends without its last events: ${why}.`, {
					next: "See that the data folder is there and can be written. The next start on it records what ran as lost.",
				});
			},
		};
	} catch (error) {
		await closeAll(closers, log);
		throw error;
	}
}

async function closeAll(closers: readonly (() => Promise<void>)[], log: Logger): Promise<void> {
	for (const close of closers) {
		try {
			await close();
		} catch (error) {
			log.error({ err: error }, "closing");
		}
	}
}

import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Problem, ProblemError, problem } from "../core/problem.ts";
import { httpRoutes } from "../core/protocol.ts";
import { createGate } from "./access/gate.ts";
import { openReads } from "./access/reads.ts";
import { openRefusals } from "./access/refusals.ts";
import type { Configuration } from "./config.ts";
import { serveControl } from "./control/control-server.ts";
import { type Engine, openEngine, type Surroundings } from "./engine.ts";
import { createApp } from "./http/app.ts";
import { Callers } from "./http/callers.ts";
import { createGatedServer } from "./http/gated-server.ts";
import { createMetrics } from "./http/metrics.ts";
import type { Caller } from "./sessions/sessions.ts";
import { labRequests } from "./socket/lab-requests.ts";
import { LabWatch } from "./socket/lab-watch.ts";
import { libraryRequests } from "./socket/library-requests.ts";
import { PresenceBook } from "./socket/presence.ts";
import { recordRequests } from "./socket/record-requests.ts";
import { rooms } from "./socket/request-context.ts";
import { sessionRequests } from "./socket/session-requests.ts";
import { createPageSocket, type PageSocket } from "./socket/socket-server.ts";
import { topologyRequests } from "./socket/topology-requests.ts";
import { type ByteSocketPerson, createByteSocket } from "./terminals/byte-socket.ts";

/** A server that runs. */
export interface RunningServer {
	/** Where it answers, without a slash at the end. */
	url: string;
	engine: Engine;
	/** A fresh one-time sign-in link. */
	signIn(): string;
	/**
	 * Stops taking requests, cancels what runs with grace, records it and lets go of the data folder: within a minute. Throws
	 * `record-unwritable`, after all that, when the record could not be written to its end.
	 */
	stop(reason: string): Promise<void>;
}

/** How often it is looked whether a sign-in's time is over, in milliseconds: by the wall clock, which may be set or sleep. */
const expiryMs = 500;

/** Where the built page is: beside this module in the build, in `dist` of a checkout. */
function clientFolder(): string {
	const here = dirname(fileURLToPath(import.meta.url));
	return import.meta.url.endsWith(".ts") ? join(here, "../dist/client-app") : join(here, "../client-app");
}

/**
 * The composition root: opens the data folder and puts the doors before it. `before` is awaited before anybody can come:
 * pages of an earlier server are back at once.
 */
export async function startServer(
	configuration: Configuration,
	around: Surroundings,
	before?: (engine: Engine) => Promise<void>,
): Promise<RunningServer> {
	const engine = await openEngine(configuration, around);
	try {
		await before?.(engine);
		return await openDoors(configuration, around, engine);
	} catch (error) {
		await engine.close("the doors could not be opened").catch(() => undefined);
		throw error;
	}
}

async function openDoors(configuration: Configuration, around: Surroundings, engine: Engine): Promise<RunningServer> {
	const { log } = around;
	const { sessions, signIns, journal, library, folder, history, labs } = engine;
	const unrecorded = (error: unknown) => log.error({ err: error }, "not recorded");
	const callers = new Callers();
	const metrics = createMetrics();
	const refusals = openRefusals(journal, unrecorded);
	const reads = openReads(journal, () => Date.now(), unrecorded);
	const { host } = configuration.server;
	const gate = createGate({
		signIns,
		refusals,
		policy: () => ({ bound: host, hosts: configuration.server.hosts, origins: configuration.server.origins }),
	});

	let pages: PageSocket | null = null;
	const presence = new PresenceBook(
		sessions,
		(session, present) => pages?.push(rooms.session(session), "session.presence", { session, presence: present }),
		unrecorded,
	);
	const labWatch = new LabWatch(labs, (list) => pages?.push(rooms.labs, "lab.state", { labs: list }));
	pages = createPageSocket({
		callers,
		isLive: (signIn) => signIns.isLive(signIn),
		metrics,
		log,
		handlers: {
			...libraryRequests({
				library: {
					list: async () => ({ runbooks: library.list(), problems: library.problems() }),
					read: async (path) => (await library.open(path)).runbook,
				},
				sessions,
				presence,
				history,
				targets: engine.targets,
				version: around.version,
				now: () => new Date(),
			}),
			...recordRequests({
				sessions,
				presence,
				reads,
				search: (query, sessions) => engine.search.find(query, sessions),
				verify: engine.verify,
			}),
			...sessionRequests({ sessions, presence, reads, failed: (error) => log.error({ err: error }, "unit") }),
			...topologyRequests({ sessions, targets: engine.targets }),
			...labRequests({
				labs,
				journal,
				changed() {
					engine.refreshTargets();
					void labWatch.tell();
				},
				watched: () => labWatch.begin(),
			}),
		},
	});
	const socket = pages;

	const terminals = createByteSocket<ByteSocketPerson & { caller: Caller }>({
		terminal: (run) => sessions.terminal(run),
		screens: engine.screens,
		monotonicMs: () => performance.now(),
		async authorise(request) {
			const caller = callers.of(request);
			const person = new URL(request.url ?? "/", "http://localhost").searchParams.get("person");
			if (person !== null && person !== caller.identity.id) {
				return problem("not-allowed", "This page is somebody else's.", { next: "Load the page again." });
			}
			return {
				caller,
				id: caller.identity.id,
				mayWatch: (run) => signIns.isLive(caller.identity.signIn) && sessions.sessionOf(run) !== null,
				mayInput: (run) => signIns.isLive(caller.identity.signIn) && sessions.mayInput(run, caller.identity.id),
			};
		},
		onInput: (run, bytes, { caller }) => sessions.recordInput(run, bytes, caller),
		onInputRefused(run, { caller }) {
			const told: Problem = { code: "not-driver", severity: "error", detail: `Typed into run ${run}; dropped.` };
			refusals.refused("terminal", told, caller.origin);
		},
	});

	const app = createApp({
		signIns,
		journal,
		reads,
		callers,
		sessions,
		recordings: folder.recordings,
		metrics,
		log,
		version: around.version,
		recordHealth: () => folder.health.state,
		exportZip: (session) => zipOf(engine, session),
		runbookFile: (runbook, file) => library.file(runbook, file),
		clientFolder: clientFolder(),
	});

	/** Connections by sign-in, so that signing out cuts them whatever they speak. */
	const connections = new Map<string, Set<Duplex>>();
	function track(connection: Duplex, { identity: { signIn } }: Caller): void {
		const known = connections.get(signIn) ?? new Set();
		connections.set(signIn, known.add(connection));
		connection.once("close", () => {
			known.delete(connection);
			if (known.size === 0) connections.delete(signIn);
		});
	}
	signIns.followEnded((signIn) => {
		socket.cut(signIn);
		// A moment for the word that the sign-in has ended; then the line, whoever listens.
		setTimeout(() => {
			for (const connection of connections.get(signIn) ?? []) connection.destroy();
		}, 200).unref();
	});

	const expiring = setInterval(() => signIns.endExpired(), expiryMs);
	expiring.unref();

	const server = createGatedServer({
		gate,
		callers,
		metrics,
		rooms: {
			app,
			socketRequest: (request, response, caller) => socket.request(request, response, caller),
			socketUpgrade(request, connection, head, caller) {
				callers.set(request, caller);
				track(connection, caller);
				socket.upgrade(request, connection, head, caller);
			},
			terminalUpgrade(request, connection, head, caller) {
				callers.set(request, caller);
				track(connection, caller);
				void terminals.upgrade(request, connection, head);
			},
		},
	});

	const unfollow = [
		() => clearInterval(expiring),
		sessions.follow((session, events) => {
			socket.push(rooms.session(session), "session.events", { session, events });
			metrics.events.inc(events.length);
			for (const { type, data } of events) {
				if (type === "run.finished") metrics.runs.inc({ outcome: String(data.outcome) });
				if (type === "baton.passed") presence.refresh(session);
				if (type === "session.opened" || type === "session.closed") socket.push(rooms.all, "library.changed", {});
			}
		}),
		sessions.followProgress((progress) => socket.push(rooms.session(progress.session), "run.progress", progress)),
		engine.followTargets(() => socket.push(rooms.all, "targets.changed", {})),
		folder.health.subscribe((health) => socket.push(rooms.all, "record.health", health)),
		library.onChange((changes) => {
			socket.push(rooms.all, "library.changed", {});
			for (const { path, digest } of changes) {
				if (digest !== null) socket.push(rooms.all, "runbook.changed", { path, digest });
			}
		}),
	];
	void library.scanned.then(() => socket.push(rooms.all, "library.changed", {}));
	metrics.sessionsOpen.set(sessions.list().filter((s) => s.status === "open").length);

	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, configuration)));
		server.listen(configuration.server.port, host, resolve);
	});
	const { port } = server.address() as AddressInfo;
	const shownHost = ["0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
	const url = `http://${shownHost}:${port}`;
	const signIn = () => `${url}${httpRoutes.signIn}?token=${signIns.issueLink()}`;
	const control = await serveControl(folder.paths.socket, { engine, signIn, log, labChanged: () => labWatch.tell() });
	log.info({ url, data: folder.paths.folder, recovered: engine.recovered }, "listening");

	return {
		url,
		engine,
		signIn,
		async stop(reason) {
			log.info({ reason }, "stopping");
			const closed = new Promise((resolve) => server.close(resolve));
			const stages: (() => unknown)[] = [
				() => control.close(),
				() => labWatch.close(),
				// While what runs is cancelled, the pages still see how it ends.
				() => sessions.stop(),
				() => presence.close(),
				() => refusals.flush(),
				() => {
					for (const stop of unfollow) stop();
				},
				() => socket.close(),
				() => terminals.close(),
				() => {
					server.closeAllConnections();
					for (const known of connections.values()) for (const connection of known) connection.destroy();
				},
				() => closed,
			];
			for (const stage of stages) {
				try {
					await stage();
				} catch (error) {
					// What could not be closed must not keep the rest open.
					log.error({ err: error }, "stopping");
				}
			}
			await engine.close(reason);
		},
	};
}

/** An archive as it is downloaded: made in a folder of its own, gone when it was read. */
async function zipOf(engine: Engine, session: string): Promise<NodeJS.ReadableStream> {
	const temporary = await mkdtemp(join(tmpdir(), "runledger-export-"));
	const remove = () => void rm(temporary, { recursive: true, force: true });
	try {
		const file = await engine.exportTo(session, join(temporary, "session.zip"));
		return createReadStream(file).once("close", remove);
	} catch (error) {
		remove();
		throw error;
	}
}

function cannotListen(error: NodeJS.ErrnoException, { server: { host, port } }: Configuration): Error {
	if (error.syscall === undefined) return error;
	const why: Record<string, string> = {
		EADDRINUSE: "another program has this port",
		EACCES: "this port needs more rights",
		EADDRNOTAVAIL: "this machine does not have this address",
		ENOTFOUND: "there is no host of this name",
		EAI_AGAIN: "the host's name can't be looked up now",
	};
	const { code = "unknown" } = error;
	const next = error.syscall === "getaddrinfo" ? { next: "Give an address of this machine with --host." } : {};
	return new ProblemError(
		"port-unavailable",
		`The server can't listen on ${host}:${port}: ${why[code] ?? code}.`,
		next,
	);
}

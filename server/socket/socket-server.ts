import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { type Socket, Server as SocketServer } from "socket.io";
import { type Problem, problem } from "../../core/problem.ts";
import {
	httpRoutes,
	type Pushes,
	type PushName,
	type Replies,
	type Reply,
	type RequestName,
	requestSchemas,
} from "../../core/protocol.ts";
import type { Callers } from "../http/callers.ts";
import type { Metrics } from "../http/metrics.ts";
import { problemFrom, refuseUpgrade, sendProblem } from "../http/problem-response.ts";
import type { Caller } from "../sessions/sessions.ts";
import { isDeeper } from "./is-deeper.ts";
import { RequestBudget } from "./request-budget.ts";
import { type Handlers, type PageContext, rooms } from "./request-context.ts";

/** The largest request of a page, in bytes; pictures go over plain HTTP. */
const maxRequestBytes = 1_000_000;
/** Pages of one sign-in at once. */
const mostPages = 64;
/** Packets that may wait for a page before it is cut: it comes back and catches up. */
const mostWaiting = 5_000;

/** Levels of lists and objects in a request. What people mean has a few. */
const deepestArgument = 64;

/** The socket that carries requests, events and presence. */
export interface PageSocket {
	request(request: IncomingMessage, response: ServerResponse, caller: Caller): void;
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void;
	/** Pushes to everybody in a room. */
	push<N extends PushName>(room: string, name: N, data: Pushes[N]): void;
	/** Cuts every page of a sign-in that has ended. */
	cut(signIn: string): void;
	/** How many pages are connected. */
	count(): number;
	close(): Promise<void>;
}

/**
 * Opens the page socket. It listens to nothing by itself: whoever has passed the gate is handed in,
 * so that no transport of socket.io has a door of its own.
 */
export function createPageSocket(parts: {
	handlers: Handlers;
	callers: Callers;
	/** Whether a sign-in still holds: asked at each request, since a connection outlives what it was opened with. */
	isLive(signIn: string): boolean;
	metrics: Metrics;
	log: Logger;
}): PageSocket {
	const { handlers, callers, isLive, metrics, log } = parts;
	const io = new SocketServer({
		path: httpRoutes.socket,
		serveClient: false,
		maxHttpBufferSize: maxRequestBytes,
		perMessageDeflate: false,
		httpCompression: false,
		connectTimeout: 10_000,
		pingInterval: 25_000,
		// Browsers slow the timers of tabs in the background to one a minute.
		pingTimeout: 90_000,
	});
	// Attached to a server that never listens: the engine wants one, and ours lets nobody by without the gate.
	io.attach(createServer());
	const engine = io.engine;
	/** The sign-in that opened each connection: another one can't post into it. */
	const owners = new Map<string, string>();
	engine.on(
		"connection",
		(connection: { id: string; request: IncomingMessage; once(e: string, f: () => void): void }) => {
			const caller = callers.find(connection.request);
			if (caller) owners.set(connection.id, caller.identity.signIn);
			connection.once("close", () => owners.delete(connection.id));
		},
	);

	function belongsToOther(request: IncomingMessage, caller: Caller): boolean {
		const sid = new URL(request.url ?? "/", "http://localhost").searchParams.get("sid");
		const owner = sid === null ? undefined : owners.get(sid);
		return owner !== undefined && owner !== caller.identity.signIn;
	}

	io.use((socket, next) => {
		const caller = callers.find(socket.request);
		if (!caller) return next(new Error("not-signed-in"));
		// A page is its person's: with the cookie of another it would write what one typed in the other's name.
		const { person } = socket.handshake.auth as { person?: unknown };
		if (person !== undefined && person !== caller.identity.id) return next(new Error("somebody-else"));
		socket.data.caller = caller;
		const pages = [...io.sockets.sockets.values()].filter((s) => signInOf(s) === caller.identity.signIn).length;
		next(pages >= mostPages ? new Error("too-many-requests") : undefined);
	});

	io.on("connection", (socket) => {
		const kept = new Map<string, () => void>();
		const budget = new RequestBudget(() => performance.now());
		const page: PageContext = {
			caller: socket.data.caller as Caller,
			socket: socket.id,
			enter: (room) => void (socket.connected && socket.join(room)),
			exit: (room) => void socket.leave(room),
			keep(name, release) {
				kept.get(name)?.();
				kept.set(name, release);
				// The page may have gone while the request was answered.
				if (!socket.connected) page.release(name);
			},
			release(name) {
				const release = kept.get(name);
				kept.delete(name);
				release?.();
			},
			pushTopology: (topology) => emit(socket, "topology", { topology }),
		};
		void socket.join(rooms.all);
		metrics.sockets.set(io.sockets.sockets.size);
		socket.on("disconnect", () => {
			for (const name of [...kept.keys()]) page.release(name);
			metrics.sockets.set(io.sockets.sockets.size);
		});
		socket.onAny((name: unknown, ...rest: unknown[]) => {
			const acknowledge = rest.at(-1);
			if (typeof acknowledge !== "function") return;
			void answer(String(name), rest.length > 1 ? rest[0] : {}, page, budget).then((reply) => acknowledge(reply));
		});
	});

	async function answer(
		name: string,
		argument: unknown,
		page: PageContext,
		budget: RequestBudget,
	): Promise<Reply<RequestName>> {
		if (!Object.hasOwn(requestSchemas, name)) {
			return { ok: false, problem: problem("bad-request", `There is no request \`${name.slice(0, 100)}\`.`) };
		}
		if (!budget.take()) return { ok: false, problem: problem("too-many-requests", "This page asks too much at once.") };
		if (!isLive(page.caller.identity.signIn)) {
			return { ok: false, problem: problem("not-signed-in", "This sign-in has ended.") };
		}
		const known = name as RequestName;
		const started = performance.now();
		const reply = await call(known, argument, page);
		metrics.socketRequests.observe(
			{ request: known, outcome: reply.ok ? "ok" : reply.problem.code },
			(performance.now() - started) / 1000,
		);
		return reply;
	}

	async function call<N extends RequestName>(name: N, argument: unknown, page: PageContext): Promise<Reply<N>> {
		if (isDeeper(argument, deepestArgument)) {
			return {
				ok: false,
				problem: problem("bad-request", `${name}: nested more than ${deepestArgument} levels deep.`),
			};
		}
		const parsed = requestSchemas[name].safeParse(argument);
		if (!parsed.success) {
			const issue = parsed.error.issues[0];
			const field = issue?.path.map(String).join(".") ?? "";
			return {
				ok: false,
				problem: problem("bad-request", `${field === "" ? name : `\`${field}\``}: ${issue?.message ?? "unusable"}.`, {
					data: { field },
				}),
			};
		}
		try {
			const data = (await handlers[name](parsed.data as never, page)) as Replies[N];
			return { ok: true, data };
		} catch (error) {
			return { ok: false, problem: problemFrom(error, (e) => log.error({ err: e, request: name }, "defect")) };
		}
	}

	/** A page that takes nothing is cut: it costs bounded memory, and catches up when it comes back. */
	function emit<N extends PushName>(socket: Socket, name: N, data: Pushes[N]): void {
		const { conn } = socket as unknown as { conn: { writeBuffer: unknown[] } };
		if (conn.writeBuffer.length > mostWaiting) socket.disconnect(true);
		else socket.emit(name, data);
	}

	return {
		request(request, response, caller) {
			if (belongsToOther(request, caller)) sendProblem(response, notYours());
			else engine.handleRequest(request as never, response);
		},
		upgrade(request, socket, head, caller) {
			if (belongsToOther(request, caller)) refuseUpgrade(socket, notYours());
			else engine.handleUpgrade(request as never, socket, head);
		},
		push(room, name, data) {
			const ids = io.sockets.adapter.rooms.get(room);
			for (const id of ids ?? []) {
				const socket = io.sockets.sockets.get(id);
				if (socket) emit(socket, name, data);
			}
		},
		cut(signIn) {
			for (const socket of io.sockets.sockets.values()) {
				if (signInOf(socket) !== signIn) continue;
				socket.emit("signed-out", {});
				// The word first, then the line: the packet is flushed before the transport closes.
				setImmediate(() => socket.disconnect(true));
			}
		},
		count: () => io.sockets.sockets.size,
		async close() {
			io.disconnectSockets(true);
			engine.close();
		},
	};
}

function notYours(): Problem {
	return problem("not-allowed", "This connection belongs to another sign-in.");
}

function signInOf(socket: Socket): string {
	return (socket.data.caller as Caller | undefined)?.identity.signIn ?? "";
}

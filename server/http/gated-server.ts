import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { problem } from "../../core/problem.ts";
import { httpRoutes } from "../../core/protocol.ts";
import { type Gate, isNavigation, type Passage, pathOf } from "../access/gate.ts";
import { arrivalPage } from "../access/sign-in-page.ts";
import type { Caller } from "../sessions/sessions.ts";
import type { Callers } from "./callers.ts";
import { makeInert } from "./content-security.ts";
import type { Metrics } from "./metrics.ts";
import { refuseUpgrade, sendProblem } from "./problem-response.ts";

/** Connections at once, of all kinds. */
const mostConnections = 2_000;

/**
 * How long an open connection may wait for its next request. A client that sends one while the server closes it gets a reset
 * in place of an answer, and proxies keep theirs for 60 s: it is for them to close first. Node's own is 5 s.
 */
const idleConnectionMs = 75_000;

/** What stands behind the gate. */
export interface Rooms {
	app(request: IncomingMessage, response: ServerResponse): void;
	/** socket.io's polling. */
	socketRequest(request: IncomingMessage, response: ServerResponse, caller: Caller): void;
	socketUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void;
	/** The byte socket. */
	terminalUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void;
}

/**
 * The HTTP server, with the gate as its only listener: no request and no upgrade gets past it to any room,
 * whatever path or transport it uses. Rooms never attach to the server themselves.
 */
export function createGatedServer(parts: { gate: Gate; callers: Callers; metrics: Metrics; rooms: Rooms }): Server {
	const { gate, callers, metrics, rooms } = parts;
	const server = createServer({
		requestTimeout: 60_000,
		headersTimeout: 20_000,
		keepAliveTimeout: idleConnectionMs,
		maxHeaderSize: 16 * 1024,
	});
	server.maxConnections = mostConnections;

	const isSocket = (path: string) => path === httpRoutes.socket || path.startsWith(`${httpRoutes.socket}/`);

	server.on("request", (request, response) => {
		makeInert(response);
		if (request.url?.startsWith("/") !== true) {
			sendProblem(response, problem("bad-request", "The request does not name a path."));
			return;
		}
		if (namesTwoHosts(request)) {
			sendProblem(response, problem("bad-request", "The request names its host twice."));
			return;
		}
		const passage = gate.enter(request, false);
		if ("refused" in passage) {
			turnAway(request, response, passage);
			return;
		}
		if (passage.caller) callers.set(request, passage.caller);
		const path = pathOf(request);
		if (isSocket(path)) {
			if (passage.caller) rooms.socketRequest(request, response, passage.caller);
			else sendProblem(response, problem("not-signed-in", "There is no sign-in with this request."));
			return;
		}
		rooms.app(request, response);
	});

	server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
		if (namesTwoHosts(request)) {
			refuseUpgrade(socket, problem("bad-request", "The request names its host twice."));
			return;
		}
		const passage = gate.enter(request, true);
		if ("refused" in passage) {
			metrics.refusals.inc({ code: passage.refused.code });
			refuseUpgrade(socket, passage.refused);
			return;
		}
		const path = pathOf(request);
		if (passage.caller && isSocket(path)) rooms.socketUpgrade(request, socket, head, passage.caller);
		else if (passage.caller && path === httpRoutes.terminal) {
			rooms.terminalUpgrade(request, socket, head, passage.caller);
		} else refuseUpgrade(socket, problem("not-found", "There is no socket at this address."));
	});

	function turnAway(
		request: IncomingMessage,
		response: ServerResponse,
		{ refused }: Extract<Passage, { refused: unknown }>,
	) {
		metrics.refusals.inc({ code: refused.code });
		if (refused.code !== "not-signed-in" || !isNavigation(request)) {
			sendProblem(response, refused);
			return;
		}
		const site = request.headers["sec-fetch-site"];
		if (site === "cross-site" || site === "same-site") {
			// The strict cookie may exist and was kept back, because the link stands on another site.
			response.writeHead(200, {
				"content-type": "text/html; charset=utf-8",
				"cache-control": "no-store",
				"content-security-policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
			});
			response.end(arrivalPage(request.url ?? "/"));
			return;
		}
		const next = request.url === "/" ? "" : `?next=${encodeURIComponent(request.url ?? "/")}`;
		response.writeHead(303, { location: `${httpRoutes.signIn}${next}`, "cache-control": "no-store" });
		response.end();
	}

	return server;
}

/** Node gives the first; a proxy in front may have gone by the last (RFC 9112, 3.2: refuse). */
function namesTwoHosts({ rawHeaders }: IncomingMessage): boolean {
	return rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === "host").length > 1;
}

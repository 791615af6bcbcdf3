import type { IncomingMessage } from "node:http";
import type { Identity } from "../../core/access.ts";
import { type Problem, problem } from "../../core/problem.ts";
import type { Origin } from "../../core/session-event.ts";
import type { Caller } from "../sessions/sessions.ts";
import { checkHost, checkOrigin, type DoorPolicy } from "./doors.ts";
import { readCookie } from "./read-cookie.ts";
import type { Refusals } from "./refusals.ts";
import type { SignIns } from "./sign-ins.ts";

/** Addresses that answer without a sign-in. Everything else needs one; a test walks the list. */
export const openAddresses: readonly { method: string; path: string }[] = [
	{ method: "GET", path: "/sign-in" },
	{ method: "POST", path: "/sign-in" },
	{ method: "GET", path: "/sign-in.css" },
	{ method: "GET", path: "/favicon.ico" },
	{ method: "GET", path: "/healthz" },
	// Counts and durations only: a scraper has no way to sign in.
	{ method: "GET", path: "/metrics" },
];

/** What the gate decides of a request or an upgrade. */
export type Passage = { caller: Caller | null } | { refused: Problem };

/** The one gate in front of every door: requests, socket.io's polling, and both kinds of upgrade. */
export interface Gate {
	enter(request: IncomingMessage, upgrade: boolean): Passage;
}

/** Builds the gate. `policy` is asked each time: the port is known only once the server listens. */
export function createGate(parts: { signIns: SignIns; refusals: Refusals; policy: () => DoorPolicy }): Gate {
	const { signIns, refusals, policy } = parts;

	return {
		enter(request, upgrade) {
			const path = pathOf(request);
			const knock = { method: request.method ?? "GET", path, upgrade, headers: request.headers };
			const foreign = checkHost(request.headers, policy()) ?? checkOrigin(knock, policy());
			if (foreign) {
				refusals.refused(doorOf(path), foreign, originOf(request));
				return { refused: foreign };
			}
			const identity = signIns.identify(readCookie(request, signIns.cookieName));
			if (identity) return { caller: callerOf(identity, request) };
			const method = knock.method === "HEAD" ? "GET" : knock.method;
			if (!upgrade && openAddresses.some((open) => open.method === method && open.path === path)) {
				return { caller: null };
			}
			// Without a sign-in there is no one to hold to account: it is counted only where something was asked for.
			const unknown = problem("not-signed-in", "There is no sign-in with this request.");
			if (upgrade || !isNavigation(request)) refusals.refused(doorOf(path), unknown, originOf(request));
			return { refused: unknown };
		},
	};
}

/** Where a request comes from, as the record keeps it. Forwarded addresses are not believed. */
export function originOf(request: IncomingMessage): Origin {
	return {
		address: request.socket.remoteAddress ?? "",
		userAgent: (request.headers["user-agent"] ?? "").slice(0, 300),
	};
}

/** Whether a browser asks for a page to show, and not for data. */
export function isNavigation(request: IncomingMessage): boolean {
	return (request.method ?? "GET") === "GET" && (request.headers.accept ?? "").includes("text/html");
}

/** The path of a request, without its query. */
export function pathOf(request: IncomingMessage): string {
	const url = request.url ?? "/";
	const end = url.search(/[?#]/);
	return end === -1 ? url : url.slice(0, end);
}

function callerOf(identity: Identity, request: IncomingMessage): Caller {
	return { identity, origin: originOf(request) };
}

/** A short name for the record, bounded whatever was asked for. */
function doorOf(path: string): string {
	const first = /^\/([a-z-]{1,20})(?:[/.]|$)/.exec(path)?.[1];
	return first !== undefined &&
		["api", "socket", "terminal", "sign-in", "sign-out", "metrics", "healthz"].includes(first)
		? first
		: "page";
}

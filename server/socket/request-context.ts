import type { Replies, RequestArgument, RequestName } from "../../core/protocol.ts";
import type { Topology } from "../../core/target.ts";
import type { Caller } from "../sessions/sessions.ts";

/** One page, as the handlers of its requests see it. */
export interface PageContext {
	caller: Caller;
	/** The socket's id. */
	socket: string;
	/** Enters or leaves a room of pushes. */
	enter(room: string): void;
	exit(room: string): void;
	/** Keeps something alive under a name until it is released or the page is gone; a second one of the same name replaces it. */
	keep(name: string, release: () => void): void;
	release(name: string): void;
	/** Sends this page alone a topology. */
	pushTopology(topology: Topology): void;
}

/** Answers one request; throws ProblemError when it is refused. */
export type Handler<N extends RequestName> = (
	argument: RequestArgument<N>,
	page: PageContext,
) => Promise<Replies[N]> | Replies[N];

/** The handlers of some requests; the socket demands one for each. */
export type Handlers<N extends RequestName = RequestName> = { [K in N]: Handler<K> };

/** Rooms of pushes. */
export const rooms = {
	session: (session: string) => `session:${session}`,
	labs: "labs",
	all: "all",
} as const;

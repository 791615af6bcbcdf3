import { type ReadonlySignal, signal } from "@preact/signals";
import { io } from "socket.io-client";
import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import {
	httpRoutes,
	type Pushes,
	type PushName,
	type Replies,
	type Reply,
	type RequestArgument,
	type RequestName,
} from "../../core/protocol.ts";

/** How the line to the server is, and since when (Unix milliseconds, this browser's clock). */
export interface LineState {
	/** `signed-out` and `somebody-else` are for good: this page asks for nothing more until it is loaded again. */
	status: "connecting" | "online" | "offline" | "signed-out" | "somebody-else";
	since: number;
}

/** Whether the page has no one any more in whose name it could go on. */
export function isLineOver({ status }: LineState): boolean {
	return status === "signed-out" || status === "somebody-else";
}

export interface Connection {
	line: ReadonlySignal<LineState>;
	/** Says whose page this is: from then on it connects as this person or not at all. */
	bind(person: string): void;
	/** Asks the server. Throws ProblemError with what it said, `server-not-running` when it can't be reached in 15 s. */
	request<N extends RequestName>(name: N, argument: RequestArgument<N>): Promise<Replies[N]>;
	/** Hears a push until the returned function is called. */
	onPush<N extends PushName>(name: N, hear: (data: Pushes[N]) => void): () => void;
	/** Called after the line came back: what was subscribed must be asked for again. */
	onReconnect(hear: () => void): () => void;
	/** Tries again at once instead of waiting for the next attempt. */
	retry(): void;
}

const requestTimeoutMs = 15_000;

/** The line for requests, events and presence. It reconnects by itself; terminals have a line of their own. */
export function createConnection(window: Window): Connection {
	let person: string | null = null;
	const socket = io({
		path: httpRoutes.socket,
		auth: (give) => give(person === null ? {} : { person }),
		transports: ["websocket", "polling"],
		reconnectionDelay: 300,
		reconnectionDelayMax: 3_000,
		randomizationFactor: 0.3,
	});
	const line = signal<LineState>({ status: "connecting", since: Date.now() });
	const set = (status: LineState["status"]) => {
		if (line.value.status !== status && !isLineOver(line.value)) line.value = { status, since: Date.now() };
	};
	// The cookie may be another person's by now: what is on this page must not go out in that name.
	const end = (status: "signed-out" | "somebody-else") => {
		set(status);
		socket.disconnect();
	};
	let isLooking = false;
	/** A refused handshake does not tell a browser why. */
	const lookWhy = async () => {
		if (isLooking) return;
		isLooking = true;
		try {
			const { status } = await window.fetch(httpRoutes.signedIn);
			if (status === 401) end("signed-out");
		} catch {
			// There is no line.
		} finally {
			isLooking = false;
		}
	};
	const returned = new Set<() => void>();
	let connectedBefore = false;

	socket.on("connect", () => {
		set("online");
		if (connectedBefore) for (const hear of [...returned]) hear();
		connectedBefore = true;
	});
	socket.on("disconnect", (reason) => {
		set("offline");
		// The server closes a socket for its own reasons (a restart, a sign-out): ask again, it will say why.
		if (reason === "io server disconnect" && !isLineOver(line.value)) setTimeout(() => socket.connect(), 300);
	});
	socket.on("connect_error", (error) => {
		const said = (error as Error & { data?: { code?: string } }).data?.code ?? error.message;
		if (said === "not-signed-in") end("signed-out");
		else if (said === "somebody-else") end("somebody-else");
		else {
			set("offline");
			void lookWhy();
		}
	});
	socket.on("signed-out", () => end("signed-out"));
	window.addEventListener("online", () => {
		if (!socket.connected && !isLineOver(line.value)) socket.connect();
	});

	return {
		line,
		bind(whose) {
			person = whose;
		},
		async request(name, argument) {
			if (isLineOver(line.peek())) {
				throw new ProblemError("not-signed-in", "This page's sign-in has ended.", { next: "Load the page again." });
			}
			let reply: Reply<typeof name>;
			try {
				reply = (await socket.timeout(requestTimeoutMs).emitWithAck(name, argument)) as Reply<typeof name>;
			} catch {
				throw new ProblemError("server-not-running", "The server did not answer in 15 s.", {
					next: "It is asked again as soon as the line is back.",
				});
			}
			if (reply.ok) return reply.data;
			throw ProblemError.of(reply.problem);
		},
		onPush(name, hear) {
			const listen = hear as (data: unknown) => void;
			socket.on(name as string, listen);
			return () => {
				socket.off(name as string, listen);
			};
		},
		onReconnect(hear) {
			returned.add(hear);
			return () => {
				returned.delete(hear);
			};
		},
		retry() {
			if (!socket.connected && !isLineOver(line.value)) {
				socket.disconnect();
				socket.connect();
			}
		},
	};
}

/** What went wrong, as a problem, whatever was thrown. */
export function problemOf(thrown: unknown): Problem {
	if (thrown instanceof ProblemError) return thrown.problem;
	return problem("internal", thrown instanceof Error ? thrown.message : String(thrown));
}

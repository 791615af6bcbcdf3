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
	status: "connecting" | "online" | "offline" | "signed-out";
	since: number;
}

export interface Connection {
	line: ReadonlySignal<LineState>;
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
	const socket = io({
		path: httpRoutes.socket,
		transports: ["websocket", "polling"],
		reconnectionDelay: 300,
		reconnectionDelayMax: 3_000,
		randomizationFactor: 0.3,
	});
	const line = signal<LineState>({ status: "connecting", since: Date.now() });
	const set = (status: LineState["status"]) => {
		if (line.value.status !== status && line.value.status !== "signed-out") line.value = { status, since: Date.now() };
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
		if (reason === "io server disconnect") setTimeout(() => socket.connect(), 300);
	});
	socket.on("connect_error", (error) => {
		const said = (error as Error & { data?: { code?: string } }).data?.code ?? error.message;
		if (said === "not-signed-in") set("signed-out");
		else set("offline");
	});
	socket.on("signed-out", () => set("signed-out"));
	window.addEventListener("online", () => {
		if (!socket.connected) socket.connect();
	});

	return {
		line,
		async request(name, argument) {
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
			if (!socket.connected) {
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

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { isProblem, type Problem, problem } from "../../core/problem.ts";
import { problemCatalogue } from "../../core/problem-catalogue.ts";
import {
	creditWindow,
	type TerminalClientMessage,
	type TerminalServerMessage,
	terminalClientMessageSchema,
} from "../../core/terminal-protocol.ts";
import { isTerminalReply } from "../../core/terminal-reply.ts";
import { RequestBudget } from "../socket/request-budget.ts";
import type { RunTerminalHandle } from "./run-terminal.ts";
import type { Screens } from "./screens.ts";
import { Viewer } from "./viewer.ts";

/** The longest message that a browser may send, in bytes. */
const maxMessageBytes = 256 * 1024;

/** Runs that one browser may follow at a time. */
const maxViewers = 256;

/** Sockets of one person at a time: each costs memory, and there is room for a certain number of connections in all. */
const maxSockets = 128;

/** Messages in one turn, after which a socket is not read for a moment: nobody else's turn waits for it. */
const maxInTurn = 200;
const turnMs = 50;

/** Bytes that wait in this process for one browser. */
const maxQueuedBytes = creditWindow;

/** A background tab is slow to answer: only one that has been silent for several pings is gone. */
const pingMs = 30_000;
const missedPings = 4;

/** Somebody who may follow runs. */
export interface ByteSocketPerson {
	/** A pseudonym; it stands in recordings. */
	id: string;
	/** Whether they may see this run. */
	mayWatch(run: string): boolean;
	/** Whether they drive the session of this run, now. */
	mayInput(run: string): boolean;
}

export interface ByteSocketOptions<Person extends ByteSocketPerson> {
	/** Milliseconds that never go back. */
	monotonicMs(): number;
	/** The terminal of a run that is under way or has ended a moment ago; null when there is none. */
	terminal(run: string): RunTerminalHandle | null;
	screens: Screens;
	/** Origin, Host and cookie: who asks, or why not. */
	authorise(request: IncomingMessage): Promise<Person | Problem>;
	/** Bytes were typed into a run. */
	onInput?(run: string, bytes: number, person: Person): void;
	/** Somebody typed who may not; it was dropped. */
	onInputRefused?(run: string, person: Person): void;
}

/** The door of terminal bytes, for a server's `upgrade` event on its path. */
export interface ByteSocket {
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
	/** Browsers connected. */
	readonly connections: number;
	close(): Promise<void>;
}

export function createByteSocket<Person extends ByteSocketPerson>(options: ByteSocketOptions<Person>): ByteSocket {
	const server = new WebSocketServer({
		noServer: true,
		perMessageDeflate: false,
		maxPayload: maxMessageBytes,
		clientTracking: true,
	});
	const silent = new WeakMap<WebSocket, number>();
	const held = new Map<string, number>();
	const pinging = setInterval(() => {
		for (const socket of server.clients) {
			const missed = silent.get(socket) ?? 0;
			if (missed >= missedPings) {
				socket.terminate();
			} else {
				silent.set(socket, missed + 1);
				socket.ping();
			}
		}
	}, pingMs);
	pinging.unref();

	return {
		get connections() {
			return server.clients.size;
		},
		async upgrade(request, socket, head) {
			// Until the handshake is over nobody else listens to it.
			const onError = () => socket.destroy();
			socket.on("error", onError);
			let person: Person | Problem;
			try {
				person = await options.authorise(request);
			} catch {
				person = problem("internal", problemCatalogue.internal.title);
			}
			if (!isProblem(person) && (held.get(person.id) ?? 0) >= maxSockets) {
				person = problem("too-many-requests", `At most ${maxSockets} connections of one person at a time.`);
			}
			if (isProblem(person)) {
				refuse(socket, person);
				return;
			}
			const accepted = person;
			server.handleUpgrade(request, socket, head, (webSocket) => {
				socket.off("error", onError);
				webSocket.on("pong", () => silent.set(webSocket, 0));
				held.set(accepted.id, (held.get(accepted.id) ?? 0) + 1);
				webSocket.on("close", () => {
					const left = (held.get(accepted.id) ?? 0) - 1;
					left > 0 ? held.set(accepted.id, left) : held.delete(accepted.id);
				});
				serve(webSocket, accepted, options);
			});
		},
		async close() {
			clearInterval(pinging);
			for (const socket of server.clients) {
				socket.close(1001);
				setTimeout(() => socket.terminate(), 500).unref();
			}
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

function refuse(socket: Duplex, refused: Problem): void {
	const { status, title, next } = problemCatalogue[refused.code];
	const body = JSON.stringify({ type: "about:blank", status, title, next, ...refused });
	socket.end(
		`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
			`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
		() => socket.destroy(),
	);
}

function serve<Person extends ByteSocketPerson>(
	socket: WebSocket,
	person: Person,
	{ terminal: terminalOf, screens, monotonicMs, onInput, onInputRefused }: ByteSocketOptions<Person>,
): void {
	const viewers = new Map<string, Viewer>();
	const tell = (message: TerminalServerMessage) => socket.send(JSON.stringify(message));

	let waitsForRoom = false;
	const ready = () => {
		const room = socket.bufferedAmount < maxQueuedBytes;
		waitsForRoom ||= !room;
		return room;
	};
	const afterSend = () => {
		if (waitsForRoom && socket.bufferedAmount < maxQueuedBytes / 2) {
			waitsForRoom = false;
			for (const viewer of [...viewers.values()]) {
				viewer.pump();
			}
		}
	};
	const binary = { binary: true, compress: false };

	const open = ({ run, offset, credit }: Extract<TerminalClientMessage, { t: "open" }>) => {
		const terminal = person.mayWatch(run) ? terminalOf(run) : null;
		if (terminal === null) {
			tell({ t: "problem", run, problem: problem("run-not-active", "This run has no terminal now.") });
			return;
		}
		if (viewers.size >= maxViewers && !viewers.has(run)) {
			tell({ t: "problem", run, problem: problem("too-many-requests", `At most ${maxViewers} runs at a time.`) });
			return;
		}
		viewers.get(run)?.close();
		const { log } = terminal;
		const { channel } = log;
		screens.follow(log);
		const viewer = new Viewer({
			log,
			screens,
			offset,
			credit,
			sink: {
				ready,
				frame: (bytes) => socket.send(bytes, binary, afterSend),
				resized: (cols, rows) => tell({ t: "resized", channel, cols, rows }),
				end(endOffset) {
					viewers.delete(run);
					tell({ t: "end", channel, offset: endOffset });
				},
			},
		});
		viewers.set(run, viewer);
		const { cols, rows } = viewer.size;
		tell({ t: "opened", run, channel, offset: viewer.cursor, cols, rows });
		viewer.pump();
	};

	const receive = (message: TerminalClientMessage) => {
		const { run } = message;
		switch (message.t) {
			case "open":
				open(message);
				break;
			case "credit":
				viewers.get(run)?.allow(message.offset);
				break;
			case "close":
				viewers.get(run)?.close();
				viewers.delete(run);
				break;
			case "resize":
				if (person.mayInput(run)) {
					terminalOf(run)?.resize(message.cols, message.rows);
				}
				break;
			case "input":
				input(run, message.data);
				break;
		}
	};

	const input = (run: string, data: string) => {
		const reply = isTerminalReply(data);
		if (!person.mayInput(run)) {
			// A watcher's terminal that answers by itself is no trespass; either way it goes nowhere.
			if (!reply) {
				onInputRefused?.(run, person);
			}
			return;
		}
		const terminal = terminalOf(run);
		// A page that was loaded again reads the output again, and its terminal answers what was answered before.
		if (reply && terminal?.takeQuery() !== true) {
			return;
		}
		const bytes = Buffer.from(data);
		if (terminal?.input(bytes, person.id)) {
			onInput?.(run, bytes.length, person);
		}
	};

	// What is answered or costs more than the line that it came on: a page does it now and then.
	const budget = new RequestBudget(monotonicMs);
	let isOver = false;
	let inTurn = 0;
	socket.on("message", (data, isBinary) => {
		if (isOver) {
			return;
		}
		inTurn++;
		if (inTurn === maxInTurn) {
			socket.pause();
			setTimeout(() => {
				inTurn = 0;
				socket.resume();
			}, turnMs);
		}
		const message = isBinary ? null : parse(data.toString());
		const isCheap = message !== null && message.t !== "open" && message.t !== "resize";
		if (!isCheap && !budget.take()) {
			isOver = true;
			socket.close(1008, "too-many-requests");
			// It may read nothing, not even this.
			setTimeout(() => socket.terminate(), 500).unref();
			return;
		}
		if (message === null) {
			tell({ t: "problem", run: null, problem: problem("bad-request", "This is not a message of the byte socket.") });
		} else {
			receive(message);
		}
	});
	// ws closes it after an error; the event must have a listener.
	socket.on("error", () => {});
	socket.on("close", () => {
		for (const viewer of viewers.values()) {
			viewer.close();
		}
		viewers.clear();
	});
}

function parse(text: string): TerminalClientMessage | null {
	try {
		return terminalClientMessageSchema.parse(JSON.parse(text));
	} catch {
		return null;
	}
}

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../../../core/problem.ts";
import { httpRoutes } from "../../../../core/protocol.ts";
import {
	creditWindow,
	decodeTerminalFrame,
	maxInputLength,
	type TerminalClientMessage,
	type TerminalServerMessage,
} from "../../../../core/terminal-protocol.ts";
import { isLineOver, type LineState } from "../../../connection/connection.ts";

/** What hears of a run's terminal. Each byte comes once, in order, also across a lost line. */
export interface TerminalViewer {
	opened(cols: number, rows: number): void;
	/** Live bytes; `done` is called when they have been parsed. */
	data(bytes: Uint8Array, done: () => void): void;
	/** The screen as it is: reset, then write this. */
	snapshot(bytes: Uint8Array, done: () => void): void;
	resized(cols: number, rows: number): void;
	/** All bytes up to the final offset have been handed over and parsed. */
	ended(): void;
	problem(problem: Problem): void;
}

export interface FollowedTerminal {
	input(data: string): void;
	resize(cols: number, rows: number): void;
	close(): void;
}

/** One WebSocket for all terminals of the page, opened with the first of them. */
export interface TerminalLine {
	status: ReadonlySignal<"closed" | "connecting" | "open">;
	/** `from`: the offset of the first byte wanted; null for the screen as it is now. */
	follow(run: string, viewer: TerminalViewer, from: number | null): FollowedTerminal;
}

interface Followed {
	run: string;
	viewer: TerminalViewer;
	channel: number | null;
	/** Where the next byte belongs; null until the server has said. */
	offset: number | null;
	/** Up to where bytes have been parsed. */
	parsed: number;
	credited: number;
	/** The final offset, once it is known. */
	end: number | null;
	over: boolean;
}

/**
 * Follows terminals over `/terminal`; after a lost line each is opened again at the offset where it stood. Once `line` is
 * over, so is this one. `whose` page it is: nobody else's cookie opens it.
 */
export function createTerminalLine(
	window: Window,
	line: ReadonlySignal<LineState>,
	whose: () => string | null,
): TerminalLine {
	const status = signal<"closed" | "connecting" | "open">("closed");
	const followed = new Map<string, Followed>();
	let socket: WebSocket | null = null;
	let attempt = 0;
	let timer: number | null = null;

	const send = (message: TerminalClientMessage) => {
		if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
	};
	const open = (one: Followed) => {
		// Without an offset the server sends a snapshot, which needs no credit, and says where it stands.
		one.credited = one.offset === null ? 0 : one.offset + creditWindow;
		send({ t: "open", run: one.run, offset: one.offset, credit: one.credited });
	};

	function connect(): void {
		if (socket || followed.size === 0 || isLineOver(line.peek())) return;
		status.value = "connecting";
		const person = whose();
		const { protocol, host } = window.location;
		const mine = new WebSocket(
			`${protocol === "https:" ? "wss:" : "ws:"}//${host}${httpRoutes.terminal}${person === null ? "" : `?person=${encodeURIComponent(person)}`}`,
		);
		mine.binaryType = "arraybuffer";
		socket = mine;
		mine.onopen = () => {
			attempt = 0;
			status.value = "open";
			for (const one of followed.values()) if (!one.over) open(one);
		};
		mine.onmessage = (event: MessageEvent<ArrayBuffer | string>) => {
			if (typeof event.data === "string") hear(event.data);
			else hearFrame(new Uint8Array(event.data));
		};
		mine.onclose = () => {
			if (socket !== mine) return;
			socket = null;
			status.value = "closed";
			for (const one of followed.values()) one.channel = null;
			if (followed.size === 0) return;
			attempt += 1;
			timer = window.setTimeout(connect, Math.min(3_000, 200 * 2 ** Math.min(attempt, 4)));
		};
	}

	function hear(text: string): void {
		let message: TerminalServerMessage;
		try {
			message = JSON.parse(text) as TerminalServerMessage;
		} catch {
			return;
		}
		if (message.t === "opened") {
			const one = followed.get(message.run);
			if (!one) return;
			one.channel = message.channel;
			if (one.offset === null) {
				one.offset = message.offset;
				one.parsed = message.offset;
			}
			one.viewer.opened(message.cols, message.rows);
			grant(one);
		} else if (message.t === "problem") {
			if (message.run !== null) followed.get(message.run)?.viewer.problem(message.problem);
		} else {
			const one = byChannel(message.channel);
			if (!one) return;
			if (message.t === "resized") one.viewer.resized(message.cols, message.rows);
			else {
				one.end = message.offset;
				finish(one);
			}
		}
	}

	function hearFrame(bytes: Uint8Array): void {
		const frame = decodeTerminalFrame(bytes);
		const one = frame === null ? null : byChannel(frame.channel);
		if (!frame || !one) return;
		if (frame.kind === "snapshot") {
			one.offset = frame.offset;
			const parsedTo = frame.offset;
			one.viewer.snapshot(frame.payload, () => parsed(one, parsedTo));
			return;
		}
		const from = one.offset ?? frame.offset;
		// What overlaps with what is here already is left out.
		const skip = Math.max(0, from - frame.offset);
		if (skip >= frame.payload.length) return;
		const payload = frame.payload.subarray(skip);
		const parsedTo = frame.offset + frame.payload.length;
		one.offset = parsedTo;
		one.viewer.data(payload, () => parsed(one, parsedTo));
	}

	function parsed(one: Followed, offset: number): void {
		one.parsed = Math.max(one.parsed, offset);
		grant(one);
		finish(one);
	}

	/** More credit when half of the window is used, so that there is no message for each frame. */
	function grant(one: Followed): void {
		const credit = one.parsed + creditWindow;
		if (one.channel === null || one.end !== null) return;
		if (credit - one.credited < creditWindow / 2) return;
		one.credited = credit;
		send({ t: "credit", run: one.run, offset: credit });
	}

	function finish(one: Followed): void {
		if (one.end === null || one.over || one.parsed < one.end) return;
		one.over = true;
		one.viewer.ended();
	}

	function byChannel(channel: number): Followed | null {
		for (const one of followed.values()) if (one.channel === channel) return one;
		return null;
	}

	line.subscribe((now) => {
		if (isLineOver(now)) socket?.close();
	});
	window.addEventListener("online", () => {
		if (timer !== null) window.clearTimeout(timer);
		connect();
	});

	return {
		status,
		follow(run, viewer, from) {
			const one: Followed = {
				run,
				viewer,
				channel: null,
				offset: from,
				parsed: from ?? 0,
				credited: 0,
				end: null,
				over: false,
			};
			followed.set(run, one);
			if (socket?.readyState === WebSocket.OPEN) open(one);
			else connect();
			return {
				input(data) {
					for (let at = 0; at < data.length; at += maxInputLength) {
						send({ t: "input", run, data: data.slice(at, at + maxInputLength) });
					}
				},
				resize(cols, rows) {
					send({ t: "resize", run, cols, rows });
				},
				close() {
					if (followed.get(run) !== one) return;
					followed.delete(run);
					send({ t: "close", run });
				},
			};
		},
	};
}

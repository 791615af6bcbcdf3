import { WebSocket } from "ws";
import {
	creditWindow,
	decodeTerminalFrame,
	type TerminalClientMessage,
	type TerminalServerMessage,
} from "../../core/terminal-protocol.ts";

/** A browser's side of the byte socket, for one run. */
export interface TerminalViewer {
	socket: WebSocket;
	messages: TerminalServerMessage[];
	/** The data that came, in order. */
	bytes(): Buffer;
	/** Offsets of frames that did not follow the one before. */
	gaps: number[];
	snapshots: { offset: number; screen: string; at: number }[];
	send(message: TerminalClientMessage): void;
	/** Resolves with the final offset. */
	ended: Promise<number>;
	until(condition: () => boolean): Promise<void>;
	close(): void;
}

export interface TerminalViewerOptions {
	url: string;
	run: string;
	offset?: number | null;
	/** Asks for more as it reads; false: gives no credit beyond the first. */
	reads?: boolean;
	credit?: number;
	headers?: Record<string, string>;
}

/** Connects, opens the run and reads. */
export async function viewTerminal({
	url,
	run,
	offset = 0,
	reads = true,
	credit,
	headers = {},
}: TerminalViewerOptions): Promise<TerminalViewer> {
	const socket = new WebSocket(url, { headers, perMessageDeflate: false });
	const parts: Buffer[] = [];
	const listeners = new Set<() => void>();
	let expected = offset;
	let end: (offset: number) => void;
	const viewer: TerminalViewer = {
		socket,
		messages: [],
		bytes: () => Buffer.concat(parts),
		gaps: [],
		snapshots: [],
		send: (message) => socket.send(JSON.stringify(message)),
		ended: new Promise((resolve) => {
			end = resolve;
		}),
		until: (condition) =>
			new Promise((resolve) => {
				const look = () => {
					if (condition()) {
						listeners.delete(look);
						resolve();
					}
				};
				listeners.add(look);
				look();
			}),
		close: () => socket.terminate(),
	};
	socket.on("message", (data: Buffer, isBinary) => {
		if (isBinary) {
			const frame = decodeTerminalFrame(data);
			if (frame === null) {
				throw new Error("not a frame");
			}
			if (frame.kind === "snapshot") {
				viewer.snapshots.push({
					offset: frame.offset,
					screen: Buffer.from(frame.payload).toString(),
					at: parts.length,
				});
				expected = frame.offset;
			} else {
				if (expected !== null && frame.offset !== expected) {
					viewer.gaps.push(frame.offset);
				}
				expected = frame.offset + frame.payload.length;
				parts.push(Buffer.from(frame.payload));
				if (reads) {
					viewer.send({ t: "credit", run, offset: expected + creditWindow });
				}
			}
		} else {
			const message = JSON.parse(data.toString()) as TerminalServerMessage;
			viewer.messages.push(message);
			if (message.t === "end") {
				end(message.offset);
			}
		}
		for (const listener of [...listeners]) {
			listener();
		}
	});
	await new Promise<void>((resolve, reject) => {
		socket.once("open", resolve);
		socket.once("error", reject);
	});
	viewer.send({ t: "open", run, offset, credit: credit ?? (offset ?? 0) + creditWindow });
	return viewer;
}

import { z } from "zod";
import type { Problem } from "./problem.ts";

/*
 * The byte socket: one WebSocket a browser at httpRoutes.terminal, all runs of a page on it.
 * Text frames are JSON messages, one each; binary frames come only from the server:
 *
 *   u8 kind (0 data, 1 snapshot) | u32be channel | u64be offset | payload
 *
 * A channel is the server's number for a run, the same for every viewer, so that a frame is encoded once for all.
 * The offset of data is that of its first byte; of a snapshot, the one at which the screen stands: reset the terminal,
 * write the payload, and go on with the data from there. Offsets count the terminal's bytes after masking.
 */

/** Bytes before the payload of a binary frame. */
export const frameHeaderBytes = 13;

/** The longest payload of a data frame. */
export const maxFrameBytes = 64 * 1024;

/** How far beyond what it has parsed a viewer should ask: `credit = parsed + creditWindow`. */
export const creditWindow = 512 * 1024;

/** The longest piece of input in one message, in UTF-16 units: a paste is cut into several. */
export const maxInputLength = 64 * 1024;

export type FrameKind = "data" | "snapshot";

/** A binary frame, read. */
export interface TerminalFrame {
	kind: FrameKind;
	channel: number;
	offset: number;
	payload: Uint8Array;
}

/** Writes the header of a frame into its first bytes. */
export function writeFrameHeader(frame: Uint8Array, kind: FrameKind, channel: number, offset: number): void {
	const view = new DataView(frame.buffer, frame.byteOffset, frameHeaderBytes);
	view.setUint8(0, kind === "data" ? 0 : 1);
	view.setUint32(1, channel);
	view.setUint32(5, Math.floor(offset / 2 ** 32));
	view.setUint32(9, offset % 2 ** 32);
}

/** Encodes a frame. */
export function encodeTerminalFrame({ kind, channel, offset, payload }: TerminalFrame): Uint8Array {
	const frame = new Uint8Array(frameHeaderBytes + payload.length);
	writeFrameHeader(frame, kind, channel, offset);
	frame.set(payload, frameHeaderBytes);
	return frame;
}

/** Reads a frame; null when it is none. The payload shares the frame's memory. */
export function decodeTerminalFrame(frame: Uint8Array): TerminalFrame | null {
	if (frame.length < frameHeaderBytes) {
		return null;
	}
	const view = new DataView(frame.buffer, frame.byteOffset, frameHeaderBytes);
	const kind = view.getUint8(0);
	const offset = view.getUint32(5) * 2 ** 32 + view.getUint32(9);
	if (kind > 1 || !Number.isSafeInteger(offset)) {
		return null;
	}
	return {
		kind: kind === 0 ? "data" : "snapshot",
		channel: view.getUint32(1),
		offset,
		payload: frame.subarray(frameHeaderBytes),
	};
}

const run = z.string().min(1).max(128);
const offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Terminals beyond this are a mistake, and cost memory for each cell. */
const side = z.number().int().min(1).max(1000);

/** What a browser sends. */
export const terminalClientMessageSchema = z.discriminatedUnion("t", [
	/**
	 * Follow a run. `offset` null: a snapshot of the screen, then live; a number: exactly from there.
	 * `credit` is the offset up to which frames may come; the last may reach beyond it by less than `maxFrameBytes`.
	 */
	z.object({ t: z.literal("open"), run, offset: offset.nullable(), credit: offset }),
	/** More may come: an absolute offset, so that it can't be counted wrong. */
	z.object({ t: z.literal("credit"), run, offset }),
	/** Typed by the driver; anybody else's is dropped. */
	z.object({ t: z.literal("input"), run, data: z.string().max(maxInputLength) }),
	z.object({ t: z.literal("resize"), run, cols: side, rows: side }),
	z.object({ t: z.literal("close"), run }),
]);

export type TerminalClientMessage = z.infer<typeof terminalClientMessageSchema>;

/** What the server sends as text. */
export type TerminalServerMessage =
	/** The answer to `open`: frames of `channel` follow, from `offset`, on a screen of this size. */
	| { t: "opened"; run: string; channel: number; offset: number; cols: number; rows: number }
	/** The size from the next frame on. */
	| { t: "resized"; channel: number; cols: number; rows: number }
	/** Everything up to the final offset has been sent; the channel is closed. */
	| { t: "end"; channel: number; offset: number }
	/** `run` null: about the message or the socket itself. */
	| { t: "problem"; run: string | null; problem: Problem };

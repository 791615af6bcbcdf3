import { expect, type Page } from "@playwright/test";
import { httpRoutes } from "../../core/protocol.ts";
import { decodeRecording, recordingBytes } from "../../core/recording.ts";
import type { JoinedEvent } from "../../core/session-event.ts";
import { decodeTerminalFrame, type TerminalFrame } from "../../core/terminal-protocol.ts";
import { eventsOf, sessionOf } from "./session-page.ts";

/** Every frame of terminal bytes that a page gets from now on, over all its lines, in order. */
export function collectFrames(page: Page): TerminalFrame[] {
	const frames: TerminalFrame[] = [];
	page.on("websocket", (socket) => {
		if (new URL(socket.url()).pathname !== httpRoutes.terminal) return;
		socket.on("framereceived", ({ payload }) => {
			const frame = typeof payload === "string" ? null : decodeTerminalFrame(new Uint8Array(payload));
			if (frame) frames.push(frame);
		});
	});
	return frames;
}

/**
 * Puts the frames of the run that was followed last together as a page does: what overlaps counts once. Fails at a gap. A
 * snapshot begins anew where it stands. A step before it may have been followed too, if it took long enough.
 */
export function joinFrames(frames: readonly TerminalFrame[]): { from: number; to: number; text: string } {
	const ofRun = frames.filter(({ channel }) => channel === frames.at(-1)?.channel);
	let from = ofRun[0]?.offset ?? 0;
	let bytes = Buffer.alloc(0);
	for (const frame of ofRun) {
		if (frame.kind === "snapshot") {
			from = frame.offset;
			bytes = Buffer.alloc(0);
			continue;
		}
		const at = from + bytes.length;
		expect(frame.offset, "a frame begins where the one before it ended, or earlier").toBeLessThanOrEqual(at);
		bytes = Buffer.concat([bytes, frame.payload.subarray(Math.max(0, at - frame.offset))]);
	}
	return { from, to: from + bytes.length, text: bytes.toString() };
}

/** The recorded output of a step's only run, as the server gives it to a page. */
export async function recordedOutput(page: Page, step: string): Promise<string> {
	const started = (await eventsOf(page)).filter(
		(event: JoinedEvent) => event.type === "run.started" && (event.data as { step: string }).step === step,
	);
	expect(started).toHaveLength(1);
	const { run } = started[0]?.data as { run: string };
	const response = await page.request.get(new URL(httpRoutes.recording(sessionOf(page), run), page.url()).href);
	expect(response.status()).toBe(200);
	return Buffer.from(recordingBytes(decodeRecording(await response.text()).events)).toString();
}

/** The lines that a page's live terminal shows, without empty ones at the end. */
export async function screenLines(page: Page): Promise<string[]> {
	const rows = await page.locator(".xterm-rows > div").allInnerTexts();
	return rows
		.join("\n")
		.replaceAll("\u00a0", " ")
		.trimEnd()
		.split("\n")
		.map((line) => line.trimEnd());
}

/** The number of the last whole line of the kind `line 0042 ...` that a page's live terminal shows; 0 before the first. */
export async function lastLine(page: Page): Promise<number> {
	const numbers = (await screenLines(page)).map((line) => Number(/^line (\d+)/.exec(line)?.[1] ?? 0));
	return Math.max(0, ...numbers);
}

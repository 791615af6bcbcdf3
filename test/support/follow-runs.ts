import { WebSocket } from "ws";
import { creditWindow, decodeTerminalFrame, type TerminalServerMessage } from "../../core/terminal-protocol.ts";

/** One browser that follows many runs on one socket. */
export interface RunFollower {
	/** Follows a run from its beginning; resolves with all its bytes when its end has come. */
	follow(run: string): Promise<Buffer>;
	/** Stops reading from the socket, for good. */
	stall(): void;
	close(): void;
}

/** Connects. A gap or a snapshot rejects what is followed. */
export async function followRuns(url: string): Promise<RunFollower> {
	const socket = new WebSocket(url, { perMessageDeflate: false });
	const byRun = new Map<
		string,
		{ parts: Buffer[]; bytes: number; resolve(bytes: Buffer): void; reject(e: Error): void }
	>();
	const runs = new Map<number, string>();
	socket.on("message", (data: Buffer, isBinary) => {
		if (!isBinary) {
			const message = JSON.parse(data.toString()) as TerminalServerMessage;
			if (message.t === "opened") {
				runs.set(message.channel, message.run);
			} else if (message.t === "end") {
				const followed = byRun.get(runs.get(message.channel)!)!;
				followed.resolve(Buffer.concat(followed.parts));
			} else if (message.t === "problem") {
				byRun.get(message.run ?? "")?.reject(new Error(message.problem.detail));
			}
			return;
		}
		const frame = decodeTerminalFrame(data)!;
		const run = runs.get(frame.channel)!;
		const followed = byRun.get(run)!;
		if (frame.kind === "snapshot" || frame.offset !== followed.bytes) {
			followed.reject(new Error(`A ${frame.kind} frame at ${frame.offset} after ${followed.bytes} bytes.`));
		}
		followed.parts.push(Buffer.from(frame.payload));
		followed.bytes += frame.payload.length;
		socket.send(JSON.stringify({ t: "credit", run, offset: followed.bytes + creditWindow }));
	});
	socket.on("error", () => {});
	await new Promise((resolve, reject) => {
		socket.once("open", resolve);
		socket.once("error", reject);
	});
	return {
		follow: (run) =>
			new Promise((resolve, reject) => {
				byRun.set(run, { parts: [], bytes: 0, resolve, reject });
				socket.send(JSON.stringify({ t: "open", run, offset: 0, credit: creditWindow }));
			}),
		stall: () => (socket as unknown as { _socket: { pause(): void } })._socket.pause(),
		close: () => socket.terminate(),
	};
}

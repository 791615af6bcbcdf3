import type { Readable } from "node:stream";

/** The most that one channel of a process keeps. What comes beyond is read, so that nobody blocks, and dropped. */
const channelLimit = 1024 * 1024;

/** A daemon may hold a channel for ever: after the exit it is over when nothing has come for so long. */
const quietMs = 100;

/** Collects an extra descriptor of a process. */
export interface ChannelCollector {
	/** After the exit of the process: resolves with what it wrote. */
	finish(): Promise<Uint8Array>;
}

export function collectChannel(stream: Readable): ChannelCollector {
	const parts: Buffer[] = [];
	let length = 0;
	let ended = false;
	let last = 0;
	const over = new Promise<void>((resolve) => {
		const end = () => {
			ended = true;
			resolve();
		};
		stream.once("end", end);
		stream.once("close", end);
		stream.once("error", end);
	});
	stream.on("data", (chunk: Buffer) => {
		last = performance.now();
		const part = chunk.subarray(0, channelLimit - length);
		length += part.length;
		if (part.length > 0) {
			parts.push(part);
		}
	});
	return {
		async finish() {
			const exitAt = performance.now();
			while (!ended && performance.now() - Math.max(last, exitAt) < quietMs) {
				await Promise.race([over, new Promise((resolve) => setTimeout(resolve, quietMs / 4))]);
			}
			stream.destroy();
			return Buffer.concat(parts);
		},
	};
}

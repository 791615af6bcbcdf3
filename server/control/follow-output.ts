import { frameHeaderBytes } from "../../core/terminal-protocol.ts";
import type { ByteLog } from "../terminals/byte-log.ts";

/** Hands every byte of a run's log to the listener, in order, from the first one to the last. */
export function followOutput(log: ByteLog, listener: (bytes: Uint8Array) => void): void {
	let offset = 0;
	let isReading = false;
	const read = async () => {
		if (isReading) return;
		isReading = true;
		try {
			while (offset < log.end) {
				const frame = log.frameAt(offset);
				const bytes = frame
					? frame.bytes.subarray(frameHeaderBytes + (offset - frame.offset))
					: await log.readOlder(offset, () => true);
				if (bytes.length === 0) return;
				offset += bytes.length;
				listener(bytes);
			}
		} finally {
			isReading = false;
		}
		if (log.finished && offset >= log.end) unfollow();
	};
	// What can't be read any longer is in the recording, or nowhere; the run goes on.
	const readOn = () => void read().catch(() => unfollow());
	const unfollow = log.follow(readOn);
	readOn();
}

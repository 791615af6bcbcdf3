import { connect, type Socket } from "node:net";
import { frameHeaderBytes } from "../../core/terminal-protocol.ts";

/** A viewer that does nothing but read: a socket, the handshake, and the headers of WebSocket frames (RFC 6455, 5.2). */
export interface RawViewer {
	/** Payload bytes of data frames. */
	readonly bytes: number;
	/** Snapshots: it fell off the log. */
	readonly snapshots: number;
	/** Resolves when the run's end has come. */
	ended: Promise<void>;
	close(): void;
}

/** Follows a run from its beginning with more credit than there will be bytes. `stalled`: never reads a byte of it. */
export async function viewRaw(port: number, run: string, stalled = false): Promise<RawViewer> {
	let onBytes: (bytes: Buffer) => void = () => {};
	const socket: Socket = connect({
		port,
		host: "127.0.0.1",
		onread: {
			buffer: Buffer.allocUnsafeSlow(512 * 1024),
			callback(length: number, buffer: Uint8Array) {
				onBytes(buffer.subarray(0, length) as Buffer);
				return true;
			},
		},
	});
	socket.on("error", () => {});
	const handshake = new Promise<void>((resolve) => {
		onBytes = (bytes) => {
			if (bytes.includes("\r\n\r\n")) {
				resolve();
			}
		};
	});
	socket.write(
		`GET /terminal HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
	);
	await handshake;

	let bytes = 0;
	let snapshots = 0;
	let end: () => void;
	const ended = new Promise<void>((resolve) => {
		end = resolve;
	});
	const header = Buffer.alloc(10 + frameHeaderBytes);
	let headerLength = 0;
	let left = 0;
	onBytes = (some) => {
		let at = 0;
		while (at < some.length) {
			if (left > 0) {
				const skipped = Math.min(left, some.length - at);
				left -= skipped;
				at += skipped;
				continue;
			}
			header[headerLength++] = some[at++]!;
			if (headerLength < 2) {
				continue;
			}
			const short = header[1]! & 127;
			const size = short === 126 ? 4 : short === 127 ? 10 : 2;
			const isText = (header[0]! & 15) === 1;
			// A text frame needs its first characters, a binary one its own header.
			const need = size + (isText ? 9 : 1);
			if (headerLength < need) {
				continue;
			}
			const length = short === 126 ? header.readUInt16BE(2) : short === 127 ? header.readUInt32BE(6) : short;
			left = length - (headerLength - size);
			if (isText) {
				if (header.toString("latin1", size, headerLength).startsWith('{"t":"end')) {
					end();
				}
			} else if (header[size] === 1) {
				snapshots++;
			} else {
				bytes += length - frameHeaderBytes;
			}
			headerLength = 0;
		}
	};
	const message = Buffer.from(JSON.stringify({ t: "open", run, offset: 0, credit: Number.MAX_SAFE_INTEGER }));
	// A client's frames are masked; a mask of zeros leaves the bytes as they are.
	socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | 126, 0, message.length, 0, 0, 0, 0]), message]));
	if (stalled) {
		socket.pause();
	}
	return {
		get bytes() {
			return bytes;
		},
		get snapshots() {
			return snapshots;
		},
		ended,
		close: () => socket.destroy(),
	};
}

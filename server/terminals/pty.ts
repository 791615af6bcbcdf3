import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import * as nodePty from "node-pty";

/** node-pty's own bindings (1.1, src/unix/pty.cc): the public API gives no pair that can be drained. */
interface NativePty {
	open(cols: number, rows: number): { master: number; slave: number; pty: string };
	resize(fd: number, cols: number, rows: number): void;
}

const { native } = nodePty as unknown as { native: NativePty };

/**
 * The masters that are open in this process. node-pty opens them without close-on-exec, and a child that inherits the
 * master of another run's terminal could read it; descriptors belong to the whole process, and so does this set.
 */
const openMasters = new Set<number>();

/** What one read of a terminal gives at most (the kernel's N_TTY_BUF_SIZE), and what shows that there may be more. */
const kernelRead = 4096;
const fullRead = 4000;

/** To find out that there was no more costs an exception: so many reads after one are taken as they come. */
const readsAlone = 8;

/** Bytes after which a drain stops though more comes: the kernel's buffers hold less, so it was written after the exit. */
const drainLimit = 1024 * 1024;

/** Typed bytes that wait for a program that does not read. What comes beyond is dropped. */
const inputLimit = 1024 * 1024;

/** A pseudo-terminal. What is written on its slave side is read in order and completely. */
export interface Pty {
	/** For the standard input, output and error of a process. */
	readonly slave: number;
	pause(): void;
	resume(): void;
	/** Types bytes. False when so many wait already that these were dropped. */
	write(bytes: Uint8Array): boolean;
	resize(cols: number, rows: number): void;
	/** Reads what is still in the kernel, after the last writer that matters has ended. `room` is awaited between pieces. */
	drain(room: () => Promise<void>): Promise<void>;
	/** Hangs up. */
	close(): void;
}

/**
 * Opens a pair and reads the master. The slave stays open here, so that the end of a process is no hang-up: the kernel
 * discards nothing, and all there is can be drained. `onBytes` gets a buffer that is used again: copy what you keep;
 * it returns false to pause.
 */
export function openPty(cols: number, rows: number, onBytes: (bytes: Uint8Array) => boolean): Pty {
	const pair = native.open(cols, rows);
	const { master } = pair;
	openMasters.add(master);
	// Once more by its name: this descriptor blocks for the programs and does not leak into other children.
	const slave = openSync(pair.pty, constants.O_RDWR | constants.O_NOCTTY);
	closeSync(pair.slave);

	const buffer = Buffer.allocUnsafeSlow(64 * 1024);
	let alone = 0;
	/** Each event brings one read; under load there is more, up to the buffer's size. Gives the length of all. */
	const gather = (first: number): number => {
		if (alone > 0) {
			alone--;
			return first;
		}
		let length = first;
		for (let last = first; last >= fullRead && length + kernelRead <= buffer.length; length += last) {
			last = readNow(master, buffer, length);
			if (last === 0) {
				alone = readsAlone;
			}
		}
		return length;
	};
	const stream = new ReadStream(master, {
		onread: {
			buffer,
			callback: (length: number) => onBytes(buffer.subarray(0, gather(length))),
		},
	} as ConstructorParameters<typeof ReadStream>[1]);
	// No hang-up comes while the slave is open; an error can only be one of closing.
	stream.on("error", () => {});
	stream.resume();

	let closed = false;
	let waiting: Uint8Array[] = [];
	let waitingBytes = 0;

	// In this thread: another one could come to it when the descriptor is closed, and is a file of the record by then.
	const writeSome = () => {
		for (let bytes = waiting[0]; bytes !== undefined && !closed; bytes = waiting[0]) {
			const written = writeNow(master, bytes);
			waitingBytes -= written;
			if (written < bytes.length) {
				waiting[0] = bytes.subarray(written);
				// The program does not read at the moment: there is no event for when it does.
				setTimeout(writeSome, 10);
				return;
			}
			waiting.shift();
		}
	};

	return {
		slave,
		pause: () => void stream.pause(),
		resume: () => void (closed || stream.resume()),
		write(bytes) {
			if (closed || waitingBytes + bytes.length > inputLimit) {
				return false;
			}
			if (bytes.length > 0) {
				waiting.push(new Uint8Array(bytes));
				waitingBytes += bytes.length;
				if (waiting.length === 1) {
					writeSome();
				}
			}
			return true;
		},
		resize: (newCols, newRows) => {
			if (!closed) {
				native.resize(master, newCols, newRows);
			}
		},
		async drain(room) {
			stream.pause();
			for (let drained = 0; drained < drainLimit; ) {
				await room();
				const length = readNow(master, buffer);
				if (length === 0) {
					return;
				}
				drained += length;
				onBytes(buffer.subarray(0, length));
			}
		},
		close() {
			if (!closed) {
				closed = true;
				waiting = [];
				openMasters.delete(master);
				stream.destroy();
				closeSync(slave);
			}
		},
	};
}

/** Zero when the kernel has nothing. Reading a terminal first waits for what is on its way in the kernel (n_tty_read). */
function readNow(master: number, buffer: Uint8Array, at = 0): number {
	try {
		return readSync(master, buffer, at, buffer.length - at, null);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "EAGAIN" || code === "EIO") {
			return 0;
		}
		throw error;
	}
}

/** How many bytes the kernel took. Zero when it has no room; bytes that nothing takes any more count as taken. */
function writeNow(master: number, bytes: Uint8Array): number {
	try {
		return writeSync(master, bytes);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EAGAIN" ? 0 : bytes.length;
	}
}

/**
 * The standard streams of a process on a terminal, `channels` pipes from descriptor 3 on, and /dev/null in the place of
 * every master that it would inherit.
 */
export function stdioOnPty(pty: Pty, channels: number, devNull: number): (number | "pipe" | "ignore")[] {
	const stdio: (number | "pipe" | "ignore")[] = [pty.slave, pty.slave, pty.slave];
	for (let i = 0; i < channels; i++) {
		stdio.push("pipe");
	}
	for (let fd = stdio.length, last = Math.max(...openMasters); fd <= last; fd++) {
		stdio.push(openMasters.has(fd) ? devNull : "ignore");
	}
	return stdio;
}

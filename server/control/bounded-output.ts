/** Bytes that wait in this process for a command line that does not read: one that is suspended, or slow to print. */
export const mostWaiting = 32 * 1024 * 1024;

/**
 * Hands output on as long as whoever prints it keeps up. What comes meanwhile is left out, with a line that says how much:
 * a command line that is suspended costs bounded memory, and neither the job nor the other messages wait for it.
 */
export class BoundedOutput {
	readonly #waiting: () => number;
	readonly #send: (run: string, bytes: Uint8Array) => void;
	#leftOut: { run: string; bytes: number } | null = null;

	/** `waiting`: bytes that were sent and not taken. */
	constructor(waiting: () => number, send: (run: string, bytes: Uint8Array) => void) {
		this.#waiting = waiting;
		this.#send = send;
	}

	output(run: string, bytes: Uint8Array): void {
		if (this.#leftOut && this.#leftOut.run !== run) this.tell();
		if (this.#waiting() > (this.#leftOut ? mostWaiting / 2 : mostWaiting)) {
			this.#leftOut ??= { run, bytes: 0 };
			this.#leftOut.bytes += bytes.length;
			return;
		}
		this.tell();
		this.#send(run, bytes);
	}

	/** Says what was left out so far: before something else is told. */
	tell(): void {
		if (!this.#leftOut) return;
		const { run, bytes } = this.#leftOut;
		this.#leftOut = null;
		this.#send(run, Buffer.from(`\r\n(${bytes} bytes are left out here; the recording has them.)\r\n`));
	}
}

/** The end of what a run's own commands wrote, by position: what stands between it in the terminal is no part of it. */
export class OutputTail {
	readonly #keepBytes: number;
	#parts: Uint8Array[] = [];
	#held = 0;
	#end = 0;

	/** `keepBytes`: so much of the end is kept at least, and at most twice that. */
	constructor(keepBytes: number) {
		this.#keepBytes = keepBytes;
	}

	/** How many bytes there have been. */
	get end(): number {
		return this.#end;
	}

	append(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		// A copy: what is handed in may share the memory of a larger buffer.
		this.#parts.push(Uint8Array.from(bytes.subarray(-this.#keepBytes)));
		this.#held += Math.min(bytes.length, this.#keepBytes);
		this.#end += bytes.length;
		if (this.#held > 2 * this.#keepBytes) this.#shorten();
	}

	/** What came from this position on, of it the last `keepBytes`. */
	since(position: number): string {
		this.#shorten();
		const wanted = Math.max(0, Math.min(this.#end - position, this.#held));
		const whole = this.#parts[0] ?? new Uint8Array();
		return Buffer.from(whole.subarray(whole.length - wanted)).toString();
	}

	#shorten(): void {
		const whole = Buffer.concat(this.#parts);
		const kept = whole.subarray(-this.#keepBytes);
		this.#parts = [Uint8Array.from(kept)];
		this.#held = kept.length;
	}
}

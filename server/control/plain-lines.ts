import { plainText } from "../../core/plain-text.ts";

/**
 * Hands output on line by line as plain text, masked: what was written over or erased may have stood between a secret's
 * characters, and whoever prints the lines knows no secrets.
 */
export class PlainLines {
	readonly #runs = new Map<string, { decoder: TextDecoder; mask: (text: string) => string; rest: string }>();
	readonly #mask: () => (text: string) => string;
	readonly #output: (run: string, bytes: Uint8Array) => void;

	/** `mask`: asked once a run, when its output begins. */
	constructor(mask: () => (text: string) => string, output: (run: string, bytes: Uint8Array) => void) {
		this.#mask = mask;
		this.#output = output;
	}

	push(run: string, bytes: Uint8Array): void {
		const state = this.#runs.get(run) ?? { decoder: new TextDecoder(), mask: this.#mask(), rest: "" };
		this.#runs.set(run, state);
		const text = state.decoder.decode(bytes, { stream: true });
		const end = text.lastIndexOf("\n") + 1;
		if (end === 0) state.rest += text;
		else {
			this.#give(run, state.rest + text.slice(0, end), state.mask);
			state.rest = text.slice(end);
		}
	}

	/** The run has ended: what has no line end is a line too. */
	end(run: string): void {
		const state = this.#runs.get(run);
		this.#runs.delete(run);
		const rest = state ? state.rest + state.decoder.decode() : "";
		if (state && rest !== "") this.#give(run, rest, state.mask);
	}

	#give(run: string, text: string, mask: (text: string) => string): void {
		const lines = text.split("\n").map((line) => plainText(line).replace(/\r/g, ""));
		this.#output(run, Buffer.from(mask(lines.join("\n"))));
	}
}

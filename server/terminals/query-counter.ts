// What a terminal answers by itself (xterm's ctlseqs; xterm.js InputHandler): device attributes, status, modes, keyboard,
// window reports, version; settings and capabilities; colours, once for each question mark.
const query =
	/\x1b\[(?:[>=]?0?c|\??(?:5|6|15|25|26|53|996)n|\??[\d;]*\$p|\?u|(?:1[13-9]|2[01])t|>0?q)|\x1bP[$+]q|\x1b\](?:4|5|1\d)(?:;\d+)*;\?(?:;\d+;\?)*(?:\x07|\x1b\\)/g;

/** A question is shorter; what goes on longer without one is something else. */
const longestQuery = 128;

/** A program that asks more than this without listening gets no more answers. */
const mostOpen = 64;

/**
 * Counts the questions that a program has put to its terminal and that nobody has answered. A browser that reads old
 * output again answers old questions again; only as many answers as there are open questions may reach the program.
 */
export class QueryCounter {
	#open = 0;
	#carry = "";

	/** Output, in order; a question may be cut across pieces. */
	saw(output: Uint8Array): void {
		if (this.#carry === "" && !output.includes(0x1b)) {
			return;
		}
		const text = this.#carry + Buffer.from(output.buffer, output.byteOffset, output.length).toString("latin1");
		let counted = 0;
		for (const match of text.matchAll(query)) {
			this.#open = Math.min(mostOpen, this.#open + Math.max(1, match[0].split(";?").length - 1));
			counted = match.index + match[0].length;
		}
		// An ESC at the very end may be that of a terminator: what it ends is kept too.
		const before = text.endsWith("\x1b") ? text.lastIndexOf("\x1b", text.length - 2) : -1;
		const begun = before >= counted ? before : text.lastIndexOf("\x1b");
		this.#carry = begun >= counted && text.length - begun < longestQuery ? text.slice(begun) : "";
	}

	/** Takes one open question; false when there is none. */
	take(): boolean {
		if (this.#open === 0) {
			return false;
		}
		this.#open--;
		return true;
	}

	/** Another process: what the one before asked, nobody waits for any longer. */
	reset(): void {
		this.#open = 0;
		this.#carry = "";
	}
}

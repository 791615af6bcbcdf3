/**
 * Tells the bytes of a terminal's output that are seen or move the cursor from those that are not: escape sequences
 * (ECMA-48), and control characters that no text is made of. Goes on from piece to piece.
 */
export class EscapeFollower {
	#state: "ground" | "escape" | "intermediate" | "control" | "string" = "ground";

	/** Whether nothing has begun that is not over. */
	get isOnGround(): boolean {
		return this.#state === "ground";
	}

	/** Takes the next byte; true when it is a text's own. */
	isText(byte: number): boolean {
		if (byte === 0x1b) {
			// It also ends a string: the `\` of its terminator is then a sequence of its own.
			this.#state = "escape";
			return false;
		}
		switch (this.#state) {
			case "ground":
				return isTextByte(byte);
			case "escape":
				if (byte === 0x5b) this.#state = "control";
				else if (byte === 0x5d || byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f)
					this.#state = "string";
				else if (byte >= 0x20) this.#state = byte < 0x30 ? "intermediate" : "ground";
				break;
			case "intermediate":
				if (byte >= 0x30) this.#state = "ground";
				break;
			case "control":
				if (byte >= 0x40) this.#state = "ground";
				break;
			case "string":
				if (byte === 0x07) this.#state = "ground";
				break;
		}
		if (byte === 0x18 || byte === 0x1a) this.#state = "ground";
		return false;
	}
}

/** Backspace, tab, line feed and carriage return are part of what is read; the other control characters are not. */
export function isTextByte(byte: number): boolean {
	return (byte >= 0x20 && byte !== 0x7f) || (byte >= 0x08 && byte <= 0x0a) || byte === 0x0d;
}

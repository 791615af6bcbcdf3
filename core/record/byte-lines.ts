/** A line that is longer than allowed, or the rest after the last line feed. */
export class BadLine extends Error {
	/** From 1. */
	readonly line: number;

	constructor(line: number, reason: string) {
		super(reason);
		this.name = "BadLine";
		this.line = line;
	}
}

/** The lines of a stream of bytes, without their line feeds. Throws BadLine for one over `maxBytes`, and for an end without a line feed. */
export async function* byteLines(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
	let pieces: Uint8Array[] = [];
	let held = 0;
	let line = 1;
	for await (const chunk of source) {
		let from = 0;
		for (let to = chunk.indexOf(10, from); to !== -1; to = chunk.indexOf(10, from)) {
			if (held + to - from > maxBytes) throw new BadLine(line, `it is longer than ${maxBytes} bytes`);
			yield joined(pieces, held, chunk.subarray(from, to));
			pieces = [];
			held = 0;
			line += 1;
			from = to + 1;
		}
		if (from < chunk.length) {
			// A copy: a source may use its buffer again.
			pieces.push(chunk.slice(from));
			held += chunk.length - from;
			if (held > maxBytes) throw new BadLine(line, `it is longer than ${maxBytes} bytes`);
		}
	}
	if (held > 0) throw new BadLine(line, "it does not end with a line feed");
}

function joined(pieces: readonly Uint8Array[], held: number, last: Uint8Array): Uint8Array {
	const whole = new Uint8Array(held + last.length);
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.length;
	}
	whole.set(last, at);
	return whole;
}

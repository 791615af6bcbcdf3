const newline = 10;
const carriageReturn = 13;

/** A terminal needs `\r\n`; replies of INFO have it already. What ends without a newline gets one. Piece by piece, each read once. */
export function* withCarriageReturns(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
	let before = newline;
	for (const piece of pieces) {
		const parts: Uint8Array[] = [];
		let from = 0;
		for (let at = piece.indexOf(newline); at !== -1; at = piece.indexOf(newline, at + 1)) {
			if ((at === 0 ? before : piece[at - 1]) === carriageReturn) continue;
			parts.push(piece.subarray(from, at), Uint8Array.of(carriageReturn));
			from = at;
		}
		parts.push(piece.subarray(from));
		before = piece.at(-1) ?? before;
		yield Buffer.concat(parts);
	}
	if (before !== newline) yield Uint8Array.of(carriageReturn, newline);
}

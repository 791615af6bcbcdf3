import type { Terminal } from "@xterm/xterm";

/** Between two writes the page has its turn; what these bytes can ask of a terminal takes well under 100 ms. */
const pieceBytes = 2048;

/** Writes to a terminal so that the page answers in between, whatever the bytes ask for. `done` when all are parsed. */
export function writeInPieces(terminal: Terminal, bytes: Uint8Array, done?: () => void): void {
	let from = 0;
	for (; from + pieceBytes < bytes.length; from += pieceBytes) terminal.write(bytes.subarray(from, from + pieceBytes));
	terminal.write(bytes.subarray(from), done);
}

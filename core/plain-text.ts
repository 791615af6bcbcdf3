// String sequences (OSC, DCS, SOS, PM, APC) end with BEL or ST; then CSI; then the two- and three-byte ones (ECMA-48).
// Each may be cut off at the end of the text.
const escapes = new RegExp(
	[
		"\\x1b[\\]PX^_][^\\x07\\x18\\x1a\\x1b]*(?:\\x07|\\x1b\\\\|[\\x18\\x1a]|$)",
		"\\x1b\\[[0-?]*[ -/]*(?:[@-~]|$)",
		"\\x1b[ -/]*(?:[0-~]|$)",
	].join("|"),
	"g",
);

const eraseToEnd = "\x01";
const eraseLine = "\x02";
const otherControls = /[\x00\x03-\x07\x0b\x0c\x0e-\x1f\x7f]/g;

/**
 * A terminal's output as a person would read it: without escape sequences, with carriage returns, backspaces and
 * erased lines applied within their line. Movements between lines are not followed. For search and for expressions.
 */
export function plainText(output: string): string {
	const text = output
		.replace(/[\x01\x02]/g, "")
		.replace(/\x1b\[0?K/g, eraseToEnd)
		.replace(/\x1b\[2K/g, eraseLine)
		.replace(escapes, "")
		.replace(otherControls, "")
		.replace(/\r+\n/g, "\n");
	if (!/[\r\b\x01\x02]/.test(text)) {
		return text;
	}
	return text
		.split("\n")
		.map((line) => (/[\r\b\x01\x02]/.test(line) ? overwrite(line) : line))
		.join("\n");
}

function overwrite(line: string): string {
	const cells: string[] = [];
	// A line that is erased costs nothing more: its cells are of an earlier time than the erasing.
	const writtenAt: number[] = [];
	let erasures = 0;
	let column = 0;
	for (const character of line) {
		switch (character) {
			case "\r":
				column = 0;
				break;
			case "\b":
				column = Math.max(0, column - 1);
				break;
			case eraseToEnd:
				cells.length = Math.min(cells.length, column);
				break;
			case eraseLine:
				erasures += 1;
				break;
			default:
				writtenAt[column] = erasures;
				cells[column++] = character;
		}
	}
	return cells
		.map((cell, at) => (writtenAt[at] === erasures ? cell : " "))
		.join("")
		.trimEnd();
}

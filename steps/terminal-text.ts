/**
 * Text of a runbook, a person or a server as the terminal shows it: lines end with `\r\n`, and control characters stand
 * as pictures (U+2400...), because a text must not move the cursor or paint over what was said before.
 */
export function terminalText(text: string): string {
	return text
		.replace(/\r\n/g, "\n")
		.replace(/[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]/g, (char) => {
			const code = char.charCodeAt(0);
			if (code === 0x7f) return "\u2421";
			return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
		})
		.replace(/\n/g, "\r\n");
}

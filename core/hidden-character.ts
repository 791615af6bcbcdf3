/**
 * Bidirectional controls, zero-width and other invisible characters, tags, and control characters but tab and newline:
 * a command that holds one is not the command that is seen (https://trojansource.codes). First and last of each range.
 */
const ranges: readonly (readonly [number, number])[] = [
	[0x00, 0x08],
	[0x0b, 0x1f],
	[0x7f, 0x9f],
	[0xad, 0xad],
	[0x34f, 0x34f],
	[0x61c, 0x61c],
	[0x115f, 0x1160],
	[0x17b4, 0x17b5],
	[0x180b, 0x180f],
	[0x200b, 0x200f],
	[0x2028, 0x202e],
	[0x2060, 0x206f],
	[0x3164, 0x3164],
	[0xfe00, 0xfe0f],
	[0xfeff, 0xfeff],
	[0xffa0, 0xffa0],
	[0xfff9, 0xfffb],
	[0xe0000, 0xe0fff],
];

/** `U+202E` for a character that is not seen, or that changes where others are; null for all that are seen as they are. */
export function hiddenCharacter(char: string): string | null {
	const code = char.codePointAt(0) ?? 0;
	if (!ranges.some(([first, last]) => code >= first && code <= last)) return null;
	return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

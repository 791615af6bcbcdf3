/** The media type of a picture by its first bytes; null for anything else. SVG is not a picture here: it can hold scripts. */
export function pictureType(bytes: Uint8Array): string | null {
	const starts = (...head: number[]) => head.every((b, i) => bytes[i] === b);
	const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
	if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
	if (starts(0xff, 0xd8, 0xff)) return "image/jpeg";
	if (ascii(0, 6) === "GIF87a" || ascii(0, 6) === "GIF89a") return "image/gif";
	if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WEBP") return "image/webp";
	return null;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const sextet = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) {
	sextet[alphabet.charCodeAt(i)] = i;
}

/** Standard base64 with padding (RFC 4648, 4). */
export function encodeBase64(bytes: Uint8Array): string {
	const parts: string[] = [];
	let text = "";
	for (let i = 0; i < bytes.length; i += 3) {
		const a = bytes[i]!;
		const b = bytes[i + 1];
		const c = bytes[i + 2];
		text += alphabet[a >> 2]! + alphabet[((a & 3) << 4) | ((b ?? 0) >> 4)]!;
		text += b === undefined ? "=" : alphabet[((b & 15) << 2) | ((c ?? 0) >> 6)]!;
		text += c === undefined ? "=" : alphabet[c & 63]!;
		if (text.length >= 8192) {
			parts.push(text);
			text = "";
		}
	}
	parts.push(text);
	return parts.join("");
}

/** The bytes of standard base64 with padding; null when it is not. */
export function decodeBase64(text: string): Uint8Array | null {
	if (text.length % 4 !== 0) {
		return null;
	}
	const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
	const bytes = new Uint8Array((text.length / 4) * 3 - padding);
	let at = 0;
	let bits = 0;
	let held = 0;
	for (let i = 0; i < text.length - padding; i++) {
		const code = text.charCodeAt(i);
		const value = code < 128 ? sextet[code]! : -1;
		if (value < 0) {
			return null;
		}
		held = ((held << 6) | value) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes[at++] = (held >> bits) & 255;
		}
	}
	return bytes;
}

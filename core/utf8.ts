// Node and every browser have these two; core has the types of neither.
declare const TextDecoder: new (
	label: "utf-8",
	options: { ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

// A byte order mark is a byte that was written, like any other: it is kept.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** The text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
	return decoder.decode(bytes);
}

/** The UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Uint8Array {
	return encoder.encode(text);
}

/**
 * How many bytes at the end (0 to 3) are the beginning of a sequence that the next bytes may complete.
 * Holding these back keeps a character whole when output is cut into pieces. Table: Unicode 15, 3-7.
 */
export function incompleteUtf8Tail(bytes: Uint8Array): number {
	const end = bytes.length;
	for (let back = 1; back <= 3 && back <= end; back++) {
		const byte = bytes[end - back]!;
		if (byte < 0x80) {
			return 0;
		}
		if (byte >= 0xc0) {
			const length =
				byte >= 0xc2 && byte < 0xe0 ? 2 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xf0 && byte < 0xf5 ? 4 : 1;
			return length > back && secondByteFits(byte, bytes[end - back + 1]) ? back : 0;
		}
	}
	return 0;
}

/** E0, ED, F0 and F4 narrow their second byte; a sequence that is wrong already need not wait for its end. */
function secondByteFits(lead: number, second: number | undefined): boolean {
	if (second === undefined) {
		return true;
	}
	switch (lead) {
		case 0xe0:
			return second >= 0xa0;
		case 0xed:
			return second < 0xa0;
		case 0xf0:
			return second >= 0x90;
		case 0xf4:
			return second < 0x90;
		default:
			return true;
	}
}

/** Whether the bytes are exactly the UTF-8 of `text`, which is what decoding them gave. */
export function isExactUtf8(bytes: Uint8Array, text: string): boolean {
	// Only a text with U+FFFD can differ, and that may also have been written as such.
	if (!text.includes("\ufffd")) {
		return true;
	}
	const again = encodeUtf8(text);
	if (again.length !== bytes.length) {
		return false;
	}
	for (let i = 0; i < bytes.length; i++) {
		if (again[i] !== bytes[i]) {
			return false;
		}
	}
	return true;
}

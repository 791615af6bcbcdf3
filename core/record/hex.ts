const form = /^(?:[0-9a-f]{2})*$/;

/** The bytes of lower-case hex; null for anything else. */
export function fromHex(hex: string): Uint8Array | null {
	if (!form.test(hex)) return null;
	const bytes = new Uint8Array(hex.length / 2);
	for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16);
	return bytes;
}

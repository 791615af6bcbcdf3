import type { Sha256 } from "../plan.ts";

const blockBytes = 64;

/** HMAC (RFC 2104) over a SHA-256 that is handed in. */
export function hmacSha256(key: Uint8Array, message: Uint8Array, sha256: Sha256): Uint8Array {
	const block = new Uint8Array(blockBytes);
	block.set(key.length > blockBytes ? sha256(key) : key);
	const inner = new Uint8Array(blockBytes + message.length);
	const outer = new Uint8Array(blockBytes + 32);
	for (let i = 0; i < blockBytes; i += 1) {
		inner[i] = (block[i] ?? 0) ^ 0x36;
		outer[i] = (block[i] ?? 0) ^ 0x5c;
	}
	inner.set(message, blockBytes);
	outer.set(sha256(inner), blockBytes);
	return sha256(outer);
}

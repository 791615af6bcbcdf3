import { type Sha256, toHex } from "../plan.ts";

/** Hex of SHA256(0x00 || bytes): the leaf hash of RFC 6962, so that an event can become a leaf of a Merkle log. */
export function eventHash(bytes: Uint8Array, sha256: Sha256): string {
	const leaf = new Uint8Array(bytes.length + 1);
	leaf.set(bytes, 1);
	return toHex(sha256(leaf));
}

import { sha256 } from "@noble/hashes/sha2.js";
import type { RecordCrypto } from "../../../core/record/record-crypto.ts";

/** What verification needs, of this browser: noble's SHA-256, which also works over plain HTTP, where the browser's own does not. */
export function browserCrypto(): RecordCrypto {
	const encoder = new TextEncoder();
	const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
	return {
		sha256: (bytes) => sha256(bytes),
		hasher() {
			const hash = sha256.create();
			return {
				update: (bytes) => void hash.update(bytes),
				digest: () => hash.digest(),
			};
		},
		encode: (text) => encoder.encode(text),
		decode: (bytes) => decoder.decode(bytes),
	};
}

import type { Sha256 } from "../plan.ts";

/** A SHA-256 that is fed piece by piece. */
export interface Hasher {
	update(bytes: Uint8Array): void;
	digest(): Uint8Array;
}

/**
 * What the record needs of the platform: Node's on the server, noble's and the DOM's in the browser.
 * Handed in, because core has neither.
 */
export interface RecordCrypto {
	sha256: Sha256;
	hasher(): Hasher;
	/** UTF-8 of a text; a lone surrogate becomes U+FFFD. */
	encode(text: string): Uint8Array;
	/** The text of UTF-8 bytes; throws on anything else. Keeps a byte order mark. */
	decode(bytes: Uint8Array): string;
}

import { createHash } from "node:crypto";
import type { RecordCrypto } from "../../core/record/record-crypto.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** The record's cryptography by Node. */
export const nodeRecordCrypto: RecordCrypto = {
	sha256: (bytes) => createHash("sha256").update(bytes).digest(),
	hasher: () => {
		const hash = createHash("sha256");
		return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
	},
	encode: (text) => encoder.encode(text),
	decode: (bytes) => decoder.decode(bytes),
};

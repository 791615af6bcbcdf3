import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";

const prefix = "runledger sha256 ";

/**
 * An archive's comment, its last bytes: the SHA-256 of all bytes before it. A zip has bytes that its contents do not
 * show (times, flags, a second copy of each name); this covers them too.
 */
export const zipSealLength = prefix.length + 64;

/** What stands there until the archive is written. */
export const zipSealBlank = prefix + "0".repeat(64);

/** Seals an archive whose comment is blank, and makes it durable. */
export async function sealZip(path: string): Promise<void> {
	const start = (await stat(path)).size - zipSealLength;
	const seal = prefix + (await digestOfStart(path, start));
	const file = await open(path, "r+");
	try {
		await file.write(Buffer.from(seal), 0, seal.length, start);
		await file.sync();
	} finally {
		await file.close();
	}
}

/** Whether the archive is byte for byte as it was sealed. */
export async function hasZipSeal(path: string): Promise<boolean> {
	const start = (await stat(path)).size - zipSealLength;
	if (start < 0) return false;
	const found = Buffer.alloc(zipSealLength);
	const file = await open(path, "r");
	try {
		await file.read(found, 0, found.length, start);
	} finally {
		await file.close();
	}
	return found.equals(Buffer.from(prefix + (await digestOfStart(path, start))));
}

async function digestOfStart(path: string, length: number): Promise<string> {
	const hash = createHash("sha256");
	if (length > 0) for await (const piece of createReadStream(path, { end: length - 1 })) hash.update(piece as Buffer);
	return hash.digest("hex");
}

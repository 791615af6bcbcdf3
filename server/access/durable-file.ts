import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Replaces a small file so that after a crash either the old or the new text is there, whole and readable by its owner only.
 * Throws the file system's error.
 */
export function writeDurably(file: string, text: string): void {
	const next = `${file}.new`;
	const bytes = Buffer.from(text);
	const fd = openSync(next, "w", 0o600);
	try {
		// A full disk gives a short count without an error.
		for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
	renameSync(next, file);
	const folder = openSync(dirname(file), "r");
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}

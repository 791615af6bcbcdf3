import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const mostBytes = 512 * 1024;

/** The last lines of a text file, read from its last 512 KiB; none when there is no file. */
export function readTail(file: string, lines: number): string[] {
	let descriptor: number;
	try {
		descriptor = openSync(file, "r");
	} catch {
		return [];
	}
	try {
		const { size } = fstatSync(descriptor);
		const bytes = Buffer.alloc(Math.min(size, mostBytes));
		const read = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
		const all = bytes.toString("utf8", 0, read).split("\n");
		if (all.at(-1) === "") all.pop();
		return all.slice(-lines);
	} finally {
		closeSync(descriptor);
	}
}

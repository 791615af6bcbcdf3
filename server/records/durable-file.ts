import { close, fdatasync, fsync, ftruncate, open, write } from "node:fs";
import { promisify } from "node:util";

export const openFile = promisify(open);
export const closeFile = promisify(close);
export const truncateFile = promisify(ftruncate);
/** Makes a file's bytes durable. When it fails the kernel may have dropped them: never call it again on the same handle. */
export const syncFile = promisify(fdatasync);
const syncWhole = promisify(fsync);

/**
 * Writes all bytes at a position. A full disk gives a short count without an error, so it goes on until every byte is
 * taken or the system names an error.
 */
export function writeAll(fd: number, bytes: Uint8Array, position: number): Promise<void> {
	return new Promise((resolve, reject) => {
		let done = 0;
		const next = () => {
			write(fd, bytes, done, bytes.length - done, position + done, (error, count) => {
				if (error) return reject(error);
				done += count;
				if (done === bytes.length) return resolve();
				if (count === 0) return reject(new Error("The disk took no byte and named no error."));
				next();
			});
		};
		if (bytes.length === 0) resolve();
		else next();
	});
}

/** Makes the names in a folder durable: a new file is only found after a power cut when its folder was synced too. */
export async function syncFolder(path: string): Promise<void> {
	const fd = await openFile(path, "r");
	try {
		await syncWhole(fd);
	} finally {
		await closeFile(fd);
	}
}

import { closeSync, fstatSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Enough for the closing events of everything that runs. */
export const reserveBytes = 4 * 2 ** 20;

/**
 * A file that holds room on the disk, given back when the disk is full so that the closing events can still be written.
 * It is written with bytes, not merely sized: a hole holds no room.
 */
export class DiskReserve {
	readonly #path: string;

	constructor(folder: string) {
		this.#path = join(folder, "reserve");
	}

	/** Makes the reserve whole. Throws the system's error when there is no room; then nothing of it is kept. */
	fill(): void {
		const fd = openSync(this.#path, "a", 0o600);
		let whole = false;
		try {
			let size = fstatSync(fd).size;
			const block = Buffer.alloc(64 * 1024);
			while (size < reserveBytes) size += writeSync(fd, block, 0, Math.min(block.length, reserveBytes - size));
			fsyncSync(fd);
			whole = true;
		} finally {
			closeSync(fd);
			if (!whole) this.release();
		}
	}

	/** Gives the room back. */
	release(): void {
		try {
			unlinkSync(this.#path);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
		}
	}
}

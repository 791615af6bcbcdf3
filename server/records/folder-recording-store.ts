import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ProblemError } from "../../core/problem.ts";
import type { RecordingSummary } from "../../core/recording.ts";
import { openFile, syncFolder, writeAll } from "./durable-file.ts";
import { FolderRecordingWriter } from "./folder-recording-writer.ts";
import type { RecordHealth } from "./record-health.ts";
import { recordingName } from "./recording-name.ts";
import type { RecordingStore, RecordingWriter } from "./recording-store.ts";

/**
 * Recordings and attachments in a data folder. In a folder a recording is one segment, a file that grows
 * (`recordings/<session>.<run>.cast`), so it keeps its name from the first byte on and a player can open it at any time.
 */
export class FolderRecordingStore implements RecordingStore {
	readonly #folder: string;
	readonly #health: RecordHealth | undefined;
	/** Recordings whose sync failed: what the kernel shows of them may not be on the disk. */
	readonly #doubtful = new Set<string>();

	private constructor(folder: string, health: RecordHealth | undefined) {
		this.#folder = folder;
		this.#health = health;
	}

	/** Makes the folders. `health` is told of every error of the disk. */
	static async open(folder: string, options: { health?: RecordHealth } = {}): Promise<FolderRecordingStore> {
		for (const name of ["recordings", "attachments"]) {
			await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
		}
		await syncFolder(folder);
		return new FolderRecordingStore(folder, options.health);
	}

	async create(session: string, run: string): Promise<RecordingWriter> {
		const name = recordingName(session, run);
		const path = join(this.#folder, name);
		try {
			// Exclusive: a run has one recording, never two writers.
			const fd = await openFile(path, "wx", 0o600);
			return new FolderRecordingWriter({
				fd,
				name,
				syncName: () => syncFolder(dirname(path)),
				failed: (error) => {
					this.#doubtful.add(name);
					this.#health?.fail(error.message);
				},
			});
		} catch (error) {
			throw this.#problem(error);
		}
	}

	async recover(session: string, run: string): Promise<Pick<RecordingSummary, "file" | "sha256" | "bytes"> | null> {
		const name = recordingName(session, run);
		const path = join(this.#folder, name);
		if ((await this.size(session, run)) === null) return null;
		try {
			const whole = await wholeLines(path);
			if (this.#doubtful.has(name)) await this.#rewrite(path, whole);
			const file = await open(path, "r+");
			try {
				await file.truncate(whole);
				await file.datasync();
			} finally {
				await file.close();
			}
			await syncFolder(dirname(path));
			this.#doubtful.delete(name);
			return { file: name, sha256: await digestOf(path), bytes: whole };
		} catch (error) {
			throw this.#problem(error);
		}
	}

	async read(session: string, run: string, start = 0, end = Number.MAX_SAFE_INTEGER): Promise<Uint8Array> {
		const size = await this.size(session, run);
		if (size === null) throw new ProblemError("not-found", `There is no recording of the run ${run}.`);
		const from = Math.min(Math.max(0, start), size);
		const bytes = Buffer.alloc(Math.max(0, Math.min(end, size) - from));
		const file = await open(join(this.#folder, recordingName(session, run)), "r");
		try {
			let done = 0;
			while (done < bytes.length) {
				const { bytesRead } = await file.read(bytes, done, bytes.length - done, from + done);
				if (bytesRead === 0) break;
				done += bytesRead;
			}
			return bytes.subarray(0, done);
		} finally {
			await file.close();
		}
	}

	async size(session: string, run: string): Promise<number | null> {
		return sizeOf(join(this.#folder, recordingName(session, run)));
	}

	async list(session: string): Promise<string[]> {
		const names = await readdir(join(this.#folder, "recordings"));
		return names
			.filter((name) => name.startsWith(`${session}.`) && name.endsWith(".cast"))
			.map((name) => name.slice(session.length + 1, -".cast".length))
			.sort();
	}

	async putAttachment(bytes: Uint8Array): Promise<string> {
		const sha256 = createHash("sha256").update(bytes).digest("hex");
		const folder = join(this.#folder, "attachments");
		const path = join(folder, sha256);
		if ((await sizeOf(path)) === bytes.length) return sha256;
		// Whole or not at all: written beside, then renamed to the name that promises its digest.
		const partial = join(this.#folder, `attachment-${randomUUID()}.partial`);
		try {
			await writeDurably(partial, bytes);
			await rename(partial, path);
			await syncFolder(folder);
		} catch (error) {
			await rm(partial, { force: true }).catch(() => {});
			throw this.#problem(error);
		}
		return sha256;
	}

	async readAttachment(sha256: string): Promise<Uint8Array | null> {
		if (!/^[0-9a-f]{64}$/.test(sha256)) return null;
		try {
			return await readFile(join(this.#folder, "attachments", sha256));
		} catch (error) {
			if (isMissing(error)) return null;
			throw error;
		}
	}

	/** After a failed sync: what can be read is written to a fresh file, whose own sync counts. */
	async #rewrite(path: string, bytes: number): Promise<void> {
		const fresh = `${path}.fresh`;
		const out = await open(fresh, "w", 0o600);
		try {
			let position = 0;
			for await (const piece of createReadStream(path, { end: Math.max(0, bytes - 1) })) {
				if (bytes === 0) break;
				await writeAll(out.fd, piece as Buffer, position);
				position += (piece as Buffer).length;
			}
			await out.datasync();
		} finally {
			await out.close();
		}
		await rename(fresh, path);
	}

	#problem(error: unknown): ProblemError {
		if (error instanceof ProblemError) return error;
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === "EEXIST") return new ProblemError("record-conflict", `The run has a recording already: ${message}.`);
		this.#health?.fail(message);
		return new ProblemError("record-unwritable", message);
	}
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
	const file = await open(path, "wx", 0o600);
	try {
		await writeAll(file.fd, bytes, 0);
		await file.datasync();
	} finally {
		await file.close();
	}
}

/** The length up to the last line feed: a line that a death has cut was never acknowledged, and no player can read it. */
async function wholeLines(path: string): Promise<number> {
	const file = await open(path, "r");
	try {
		const block = Buffer.alloc(64 * 1024);
		for (let end = (await file.stat()).size; end > 0; ) {
			const start = Math.max(0, end - block.length);
			const { bytesRead } = await file.read(block, 0, end - start, start);
			const at = block.subarray(0, bytesRead).lastIndexOf(10);
			if (at !== -1) return start + at + 1;
			end = start;
		}
		return 0;
	} finally {
		await file.close();
	}
}

async function digestOf(path: string): Promise<string> {
	const hash = createHash("sha256");
	for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
	return hash.digest("hex");
}

async function sizeOf(path: string): Promise<number | null> {
	try {
		return (await stat(path)).size;
	} catch (error) {
		if (isMissing(error)) return null;
		throw error;
	}
}

function isMissing(error: unknown): boolean {
	return (error as NodeJS.ErrnoException).code === "ENOENT";
}

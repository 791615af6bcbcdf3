import { rmSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ProblemError } from "../../core/problem.ts";
import { closeFile, openFile, syncFile, writeAll } from "./durable-file.ts";
import { lockFolder } from "./folder-lock.ts";
import { FolderRecordingStore } from "./folder-recording-store.ts";
import { makeFolder } from "./make-folder.ts";
import { RecordHealth } from "./record-health.ts";
import { type EventStoreOptions, openEventStore, type SqliteEventStore } from "./sqlite-event-store.ts";

/** Where things are in a data folder. */
export interface DataFolderPaths {
	folder: string;
	recordings: string;
	attachments: string;
	/** Full-text search: can be deleted at any time, it is built again. */
	search: string;
	/** The door for the command line beside a running server. */
	socket: string;
}

/** A data folder that this process writes. */
export interface DataFolder {
	readonly paths: DataFolderPaths;
	readonly events: SqliteEventStore;
	readonly recordings: FolderRecordingStore;
	readonly health: RecordHealth;
	/** Tries now whether the record can be written again; it is tried each second by itself while it can't. */
	probe(): Promise<boolean>;
	close(): Promise<void>;
}

const probeEveryMs = 1000;
/** More than what failed needs: a record that is taken up again must not be held again a moment later. */
const probeBytes = 1024 * 1024;

export function dataFolderPaths(folder: string): DataFolderPaths {
	const root = resolve(folder);
	return {
		folder: root,
		recordings: join(root, "recordings"),
		attachments: join(root, "attachments"),
		search: join(root, "search.db"),
		socket: join(root, "runledger.sock"),
	};
}

/**
 * Makes a data folder when there is none (0700), takes its lock and opens what is in it for writing.
 * Throws `record-locked` when another process writes it, `record-unwritable` when this one can't.
 */
export async function openDataFolder(folder: string, options: Omit<EventStoreOptions, "health">): Promise<DataFolder> {
	const paths = dataFolderPaths(folder);
	const health = new RecordHealth(options.now);
	let lock: { release(): void } | undefined;
	try {
		await makeFolder(paths.folder);
		lock = lockFolder(paths.folder);
		await removePartials(paths.folder);
		const recordings = await FolderRecordingStore.open(paths.folder, { health });
		const events = openEventStore(paths.folder, { ...options, health });
		return new OpenDataFolder(paths, events, recordings, health, lock);
	} catch (error) {
		lock?.release();
		if (error instanceof ProblemError) throw error;
		throw new ProblemError("record-unwritable", error instanceof Error ? error.message : String(error));
	}
}

class OpenDataFolder implements DataFolder {
	readonly paths: DataFolderPaths;
	readonly events: SqliteEventStore;
	readonly recordings: FolderRecordingStore;
	readonly health: RecordHealth;
	readonly #lock: { release(): void };
	#timer: NodeJS.Timeout | undefined;
	#closed = false;

	constructor(
		paths: DataFolderPaths,
		events: SqliteEventStore,
		recordings: FolderRecordingStore,
		health: RecordHealth,
		lock: { release(): void },
	) {
		this.paths = paths;
		this.events = events;
		this.recordings = recordings;
		this.health = health;
		this.#lock = lock;
		health.subscribe(({ ok }) => ok || this.#probeLater());
		if (!health.ok) this.#probeLater();
	}

	async probe(): Promise<boolean> {
		if (this.#closed || !(await this.#roomForRecordings()) || !(await this.events.probe())) return false;
		this.health.recover();
		return true;
	}

	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		clearTimeout(this.#timer);
		await this.events.close();
		this.#lock.release();
	}

	#probeLater(): void {
		if (this.#closed) return;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(async () => {
			if (!(await this.probe())) this.#probeLater();
		}, probeEveryMs);
		this.#timer.unref();
	}

	async #roomForRecordings(): Promise<boolean> {
		const path = join(this.paths.folder, "probe.partial");
		let fd: number | undefined;
		try {
			fd = await openFile(path, "w", 0o600);
			await writeAll(fd, Buffer.alloc(probeBytes, 1), 0);
			await syncFile(fd);
			return true;
		} catch {
			return false;
		} finally {
			if (fd !== undefined) await closeFile(fd).catch(() => {});
			// With the folder gone, so is the file; a timer has nobody to tell of it.
			await rm(path, { force: true }).catch(() => {});
		}
	}
}

/** What a death has left half-written; nothing refers to it. */
async function removePartials(folder: string): Promise<void> {
	for (const name of await readdir(folder)) if (name.endsWith(".partial")) rmSync(join(folder, name), { force: true });
}

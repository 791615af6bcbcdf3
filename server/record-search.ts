import { rmSync } from "node:fs";
import type { Logger } from "pino";
import { serverStream } from "../core/session-event.ts";
import type { DataFolder } from "./records/data-folder.ts";
import { type FoundPassage, openSearchIndex, type SearchIndex } from "./records/search.ts";

/** After an event the index waits so long, in milliseconds, for the next: many are taken in together. */
const settleMs = 500;

/** Full-text search that keeps up with the record. The index is a copy: whatever is wrong with it, the record goes on. */
export class RecordSearch {
	readonly #folder: DataFolder;
	readonly #log: Logger;
	readonly #dirty = new Set<string>();
	readonly #unfollow: () => void;
	readonly #maskOf: (session: string) => (text: string) => string;
	/** By run that has ended and is not in the index yet: its session may be closed, and its secrets forgotten, by then. */
	readonly #masks = new Map<string, (text: string) => string>();
	#index: SearchIndex | null = null;
	#timer: NodeJS.Timeout | null = null;
	#tail: Promise<void> = Promise.resolve();
	#isClosed = false;

	/** `maskOf`: masks a session's secrets in a text, as they are known at the moment. */
	constructor(folder: DataFolder, log: Logger, maskOf: (session: string) => (text: string) => string) {
		this.#folder = folder;
		this.#maskOf = maskOf;
		this.#log = log;
		for (const { stream } of folder.events.heads()) this.#dirty.add(stream);
		this.#unfollow = folder.events.follow((events) => {
			for (const { stream, type, data } of events) {
				if (stream === serverStream) continue;
				this.#dirty.add(stream);
				if (type === "run.finished") this.#masks.set(String(data.run), this.#maskOf(stream));
			}
			if (this.#dirty.size > 0) this.#later();
		});
		this.#later();
	}

	/** What the record, or these sessions of it, holds of these words, the newest events included. */
	async find(query: string, sessions: readonly string[] | undefined): Promise<FoundPassage[]> {
		await this.#catchUp();
		return this.#open().search(query, sessions === undefined ? {} : { sessions });
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		this.#unfollow();
		if (this.#timer) clearTimeout(this.#timer);
		await this.#tail;
		this.#index?.close();
	}

	#later(): void {
		this.#timer ??= setTimeout(() => {
			this.#timer = null;
			this.#catchUp().catch((error: unknown) => this.#log.warn({ err: error }, "search index"));
		}, settleMs).unref();
	}

	#catchUp(): Promise<void> {
		const turn = this.#tail.then(async () => {
			if (this.#isClosed || this.#dirty.size === 0) return;
			const streams = [...this.#dirty];
			this.#dirty.clear();
			const ended = [...this.#masks.keys()];
			await this.#open().catchUp(this.#folder.events, this.#folder.recordings, streams, (run, text) => {
				return this.#masks.get(run)?.(text) ?? text;
			});
			for (const run of ended) this.#masks.delete(run);
		});
		this.#tail = turn.catch(() => undefined);
		return turn;
	}

	#open(): SearchIndex {
		if (this.#index) return this.#index;
		const path = this.#folder.paths.search;
		try {
			this.#index = openSearchIndex(path);
		} catch (error) {
			this.#log.warn({ err: error }, "search index is built anew");
			for (const end of ["", "-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
			this.#index = openSearchIndex(path);
		}
		return this.#index;
	}
}

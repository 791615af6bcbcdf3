import { realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { watch } from "chokidar";
import { type FoundMarkdown, findMarkdown, type folderLimits, isMarkdown, isSkipped } from "./runbook-folder.ts";

/** What a look at a folder found. */
export interface FolderLook extends FoundMarkdown {
	/** Files that came, went or were written since the look before, relative to the folder. */
	changed: string[];
	/** Whether another folder stands there than at the look before, or one for the first time. */
	isAnother: boolean;
}

/** A folder of runbooks that is watched. */
export interface FolderWatch {
	/** Resolves when changes are told from now on. */
	readonly ready: Promise<void>;
	/** Walks the folder: each file is asked when it was written, none is read. */
	look(): Promise<FolderLook>;
	/** A file could not be read: when a look finds it, it has come anew. */
	forget(inside: string): void;
	close(): Promise<void>;
}

/** A folder is looked through this long after the last look, in milliseconds, and no more often than costs a fiftieth of the time. */
const leastPauseMs = 2_000;
const pausesPerLook = 50;

/** A tour of so many files lets others have their turn. */
const filesInOneGo = 200;

/**
 * Watches a folder of Markdown: the system tells at once what is written, and a look every few seconds finds what the system
 * could not tell, since it watches folders and not names: a folder that was moved away and back, a link that leads elsewhere now.
 * `touched` gets a file's path in the folder; `looked` what a look found that was not asked for.
 */
export function watchFolder(
	folder: string,
	options: { limits: typeof folderLimits; touched(inside: string): void; looked(look: FolderLook): void },
): FolderWatch {
	const { limits, touched, looked } = options;
	let seen = new Map<string, string>();
	/** What was forgotten while a look was under way. */
	const forgotten = new Set<string>();
	/** Which folder is watched: its real path and its number on its disk. */
	let identity: string | null = null;
	let watcher: ReturnType<typeof watch> | null = null;
	let closed = false;
	let timer: NodeJS.Timeout | null = null;
	let looking: Promise<unknown> = Promise.resolve();

	/** Listens to the folder that stands there now; gives whether it is another one. */
	async function arm(): Promise<{ isAnother: boolean; ready: Promise<void> }> {
		const real = await realpath(folder).catch(() => null);
		const state = real === null ? null : await stat(real).catch(() => null);
		const now = real === null || !state ? null : `${state.dev}:${state.ino}:${real}`;
		if (now === identity || closed) return { isAnother: false, ready: Promise.resolve() };
		identity = now;
		await watcher?.close();
		watcher = null;
		if (real === null || now === null) return { isAnother: false, ready: Promise.resolve() };
		const touch = (file: string) => {
			const inside = relative(real, file).split(sep).join("/");
			if (!isMarkdown(inside)) return;
			if (!seen.has(inside)) seen.set(inside, "");
			touched(inside);
		};
		const armed = watch(real, {
			ignoreInitial: true,
			followSymlinks: false,
			depth: limits.depth,
			ignored: (file: string) =>
				relative(real, file)
					.split(sep)
					.some((part) => part !== ".." && isSkipped(part)),
		});
		watcher = armed;
		armed.on("add", touch).on("change", touch).on("unlink", touch);
		// The watcher has let go of it for good, also when it is back at the next look.
		armed.on("unlinkDir", (gone) => {
			if (gone === real) identity = null;
		});
		// A folder that can't be watched is looked through; the server must not end for it.
		armed.on("error", () => {});
		return { isAnother: true, ready: new Promise((resolve) => armed.once("ready", () => resolve())) };
	}

	async function walk(isAnother: boolean): Promise<FolderLook> {
		const before = seen;
		forgotten.clear();
		const { files, problems } = await findMarkdown(folder, { shown: folder, limits });
		const now = new Map<string, string>();
		for (const [index, inside] of files.entries()) {
			if ((index + 1) % filesInOneGo === 0) await setImmediate();
			const file = await stat(join(folder, inside), { bigint: true }).catch(() => null);
			if (file) now.set(inside, `${file.dev}:${file.ino}:${file.size}:${file.mtimeNs}:${file.ctimeNs}`);
		}
		const changed = [...now].filter(([inside, state]) => before.get(inside) !== state).map(([inside]) => inside);
		for (const inside of before.keys()) if (!now.has(inside)) changed.push(inside);
		for (const inside of forgotten) now.delete(inside);
		seen = now;
		return { files, problems, changed, isAnother };
	}

	const lookNow = async (): Promise<FolderLook> => walk((await arm()).isAnother);

	function lookLater(pauseMs: number): void {
		if (closed) return;
		timer = setTimeout(() => {
			const started = performance.now();
			looking = looking
				.then(async () => {
					const found = await lookNow();
					if (!closed) looked(found);
				})
				.catch(() => {})
				.then(() => lookLater(Math.max(leastPauseMs, (performance.now() - started) * pausesPerLook)));
		}, pauseMs);
		timer.unref();
	}

	const first = arm();
	looking = first.catch(() => {});
	lookLater(leastPauseMs);
	return {
		ready: first.then(({ ready }) => ready),
		look() {
			const found = looking.then(lookNow);
			looking = found.catch(() => {});
			return found;
		},
		forget(inside) {
			seen.delete(inside);
			forgotten.add(inside);
		},
		async close() {
			closed = true;
			if (timer) clearTimeout(timer);
			await looking;
			await watcher?.close();
		},
	};
}

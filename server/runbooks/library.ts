import { readFile, stat } from "node:fs/promises";
import { relative, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { watch } from "chokidar";
import { ProblemError } from "../../core/problem.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { StepType } from "../../core/step-type.ts";
import { defaultRunbookLimits, parseRunbook, type RunbookLimits } from "./parse-runbook.ts";
import {
	fileInside,
	findMarkdown,
	isMarkdown,
	isSkipped,
	type RunbookFolder,
	resolveRunbookFile,
} from "./runbook-folder.ts";

/** A runbook with the text that it was read from. */
export interface OpenedRunbook {
	runbook: Runbook;
	source: string;
}

/** A file that has changed: its new digest, or null when it is gone. */
export interface LibraryChange {
	path: string;
	digest: string | null;
}

/** The runbooks of the configured folders, kept up to date. */
export interface Library {
	/** Every runbook, sorted by path. */
	list(): Runbook[];
	/** Reads one afresh. Throws `runbook-not-found`, `runbook-not-text` or `runbook-too-large`. */
	open(path: string): Promise<OpenedRunbook>;
	/** Reads Markdown that is not in a file, e.g. what a session was opened on. `names`: values that are known besides its own. */
	parse(source: string, path: string, names?: readonly string[]): Runbook;
	/** The absolute path of a picture in a runbook's folder; null when it is not there or not inside. */
	file(runbook: string, file: string): Promise<string | null>;
	/** Calls back with what has changed on disk; returns the way to stop. */
	onChange(listener: (changes: LibraryChange[]) => void): () => void;
	close(): Promise<void>;
}

export interface LibraryOptions {
	folders: readonly RunbookFolder[];
	stepTypes: readonly StepType<any>[];
	limits?: RunbookLimits;
}

/** Editors write a file in several moves; changes are told together after this. */
const settleMs = 100;

/** Reads every runbook below the folders and watches them. Folders that are not there are empty until they appear. */
export async function openLibrary(options: LibraryOptions): Promise<Library> {
	const { folders, stepTypes, limits = defaultRunbookLimits } = options;
	const known = new Map<string, Runbook>();
	const listeners = new Set<(changes: LibraryChange[]) => void>();
	const parse = (source: Uint8Array | string, path: string, names: readonly string[] = []) =>
		parseRunbook(source, { path, stepTypes, limits, names });

	async function read(path: string): Promise<{ bytes: Uint8Array; runbook: Runbook } | null> {
		const [name, ...rest] = path.split("/");
		const root = folders.find((folder) => folder.name === name);
		const inside = rest.join("/");
		const file = root && isMarkdown(inside) ? await fileInside(root.folder, inside) : null;
		if (file === null) return null;
		let bytes: Uint8Array;
		try {
			// Not even read when it is far too large.
			const { size } = await stat(file);
			bytes = size > limits.bytes * 4 ? new Uint8Array(limits.bytes + 1) : await readFile(file);
		} catch {
			return null;
		}
		return { bytes, runbook: parse(bytes, path) };
	}

	for (const { name, folder } of folders) {
		for (const inside of await findMarkdown(folder)) {
			const path = `${name}/${inside}`;
			const found = await read(path);
			if (found) known.set(path, found.runbook);
			// Parsing takes a millisecond or more; hundreds of files must not hold everything else up.
			await setImmediate();
		}
	}

	const touched = new Set<string>();
	let timer: NodeJS.Timeout | null = null;
	let closed = false;
	let settling = Promise.resolve();

	async function settle(): Promise<void> {
		const changes: LibraryChange[] = [];
		const paths = [...touched];
		touched.clear();
		for (const path of paths) {
			const found = await read(path);
			const before = known.get(path)?.digest ?? null;
			const digest = found?.runbook.digest ?? null;
			if (digest === before) continue;
			if (found) known.set(path, found.runbook);
			else known.delete(path);
			changes.push({ path, digest });
		}
		tell(changes);
	}

	function tell(changes: LibraryChange[]): void {
		if (changes.length > 0 && !closed) for (const listener of listeners) listener(changes);
	}

	const watchers = folders.map(({ name, folder }) => {
		const touch = (file: string) => {
			const inside = relative(folder, file).split(sep).join("/");
			if (!isMarkdown(inside)) return;
			touched.add(`${name}/${inside}`);
			timer ??= setTimeout(() => {
				timer = null;
				settling = settling.then(settle);
			}, settleMs);
		};
		const watcher = watch(folder, {
			ignoreInitial: true,
			followSymlinks: false,
			depth: 12,
			ignored: (file: string) =>
				relative(folder, file)
					.split(sep)
					.some((part) => part !== ".." && isSkipped(part)),
		});
		watcher.on("add", touch).on("change", touch).on("unlink", touch);
		// A folder that can't be watched is read when it is opened; the server must not end for it.
		watcher.on("error", () => {});
		return watcher;
	});
	await Promise.all(watchers.map((watcher) => new Promise<void>((resolve) => watcher.once("ready", () => resolve()))));

	return {
		list: () => [...known.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
		async open(path) {
			const found = await read(path);
			if (!found) throw new ProblemError("runbook-not-found", `There is no runbook \`${path.slice(0, 200)}\`.`);
			const unreadable = found.runbook.problems.find(
				(p) => p.code === "runbook-too-large" || p.code === "runbook-not-text",
			);
			if (unreadable) throw ProblemError.of(unreadable);
			// Whoever is told of changes hears of this one too: the watcher would find nothing different any more.
			const changed = known.get(path)?.digest !== found.runbook.digest;
			known.set(path, found.runbook);
			if (changed) tell([{ path, digest: found.runbook.digest }]);
			return { runbook: found.runbook, source: new TextDecoder().decode(found.bytes) };
		},
		parse,
		file: (runbook, file) => resolveRunbookFile(folders, runbook, file),
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		async close() {
			closed = true;
			if (timer) clearTimeout(timer);
			listeners.clear();
			await Promise.all(watchers.map((watcher) => watcher.close()));
			await settling;
		},
	};
}

import { readFile, stat } from "node:fs/promises";
import { setTimeout as startTimer } from "node:timers";
import { setTimeout } from "node:timers/promises";
import { type Problem, ProblemError } from "../../core/problem.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { StepType } from "../../core/step-type.ts";
import { watchFolder } from "./folder-watch.ts";
import { defaultRunbookLimits, parseRunbook, type RunbookLimits } from "./parse-runbook.ts";
import {
	fileInside,
	folderLimits,
	isMarkdown,
	type RunbookFolder,
	resolveRunbookFile,
	tooLarge,
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
	/** Resolves when the folders have been read once and are watched. Until then `list` grows. */
	readonly scanned: Promise<void>;
	/** Every runbook that has been read, sorted by path. */
	list(): Runbook[];
	/** What of the folders is left out, and why. */
	problems(): Problem[];
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
	folderLimits?: typeof folderLimits;
}

/** Editors write a file in several moves; changes are told together after this. */
const settleMs = 100;

/** Of one folder: a flood of files is told once, and a few that came later. */
const mostProblems = 20;

/**
 * Begins to read every runbook below the folders, and watches them. Folders that are not there are empty until they appear.
 * One file is parsed in one go, and then as long a pause is made: whatever the folders hold, the server answers meanwhile.
 */
export function openLibrary(options: LibraryOptions): Library {
	const { folders, stepTypes, limits = defaultRunbookLimits, folderLimits: most = folderLimits } = options;
	const known = new Map<string, Runbook>();
	/** Bytes of each runbook that is known. */
	const sizes = new Map<string, number>();
	const problems = new Map<string, Problem[]>();
	let closed = false;
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

	/** Whether there is room for a runbook in its folder's share; it is known from now on when there is. */
	function keep(path: string, { bytes, runbook }: { bytes: Uint8Array; runbook: Runbook }): boolean {
		const root = `${path.split("/", 1)[0]}/`;
		let [files, total] = [1, bytes.length];
		for (const [other, size] of sizes) {
			if (other === path || !other.startsWith(root)) continue;
			files += 1;
			total += size;
		}
		if (files > most.files || total > most.bytes) return false;
		known.set(path, runbook);
		sizes.set(path, bytes.length);
		return true;
	}

	/** Reads one and lets others have their turn afterwards. */
	async function readInTurn(path: string): ReturnType<typeof read> {
		const started = performance.now();
		const found = await read(path);
		await setTimeout(Math.min(1_000, performance.now() - started));
		return found;
	}

	async function scan({ name, folder, watched }: (typeof watches)[number]): Promise<void> {
		const { files, problems: told } = await watched.look();
		problems.set(name, told);
		for (const [index, inside] of files.entries()) {
			if (closed) return;
			const found = await readInTurn(`${name}/${inside}`);
			if (found === null) watched.forget(inside);
			if (found === null || keep(`${name}/${inside}`, found)) continue;
			const what = `more than ${most.bytes / 2 ** 20} MiB of Markdown: ${files.length - index} left out, from \`${inside}\` on`;
			problems.set(name, [...told, tooLarge(folder, what)]);
			return;
		}
	}

	const touched = new Set<string>();
	let timer: NodeJS.Timeout | null = null;
	let settling = Promise.resolve();

	async function settle(): Promise<void> {
		const changes: LibraryChange[] = [];
		const paths = [...touched];
		touched.clear();
		for (const path of paths) {
			if (closed) return;
			const found = await readInTurn(path);
			if (found === null) forget(path);
			const before = known.get(path)?.digest ?? null;
			const digest = found?.runbook.digest ?? null;
			if (digest === before) continue;
			if (found) {
				if (!keep(path, found)) leftOut(path);
			} else {
				known.delete(path);
				sizes.delete(path);
			}
			changes.push({ path, digest });
		}
		tell(changes);
	}

	/** What is not there, or not for the moment: its folder may be back with the next look, and nothing in it written. */
	function forget(path: string): void {
		const [name = "", ...inside] = path.split("/");
		watches.find((one) => one.name === name)?.watched.forget(inside.join("/"));
	}

	/** A file that came, or grew, after the folders were read. */
	function leftOut(path: string): void {
		const [name = "", ...inside] = path.split("/");
		const folder = folders.find((one) => one.name === name)?.folder ?? name;
		known.delete(path);
		sizes.delete(path);
		const what = `more than ${most.files} Markdown files or ${most.bytes / 2 ** 20} MiB of them: \`${inside.join("/")}\` is left out`;
		const told = problems.get(name) ?? [];
		if (!told.some(({ detail }) => detail === tooLarge(folder, what).detail)) {
			problems.set(name, [...told, tooLarge(folder, what)].slice(0, mostProblems));
		}
	}

	function tell(changes: LibraryChange[]): void {
		if (changes.length > 0 && !closed) for (const listener of listeners) listener(changes);
	}

	function touch(path: string): void {
		touched.add(path);
		timer ??= startTimer(() => {
			timer = null;
			settling = settling.then(settle);
		}, settleMs);
	}

	const watches = folders.map(({ name, folder }) => {
		const watched = watchFolder(folder, {
			limits: most,
			touched: (inside) => touch(`${name}/${inside}`),
			looked(look) {
				if (look.isAnother) problems.set(name, look.problems);
				for (const inside of look.changed) touch(`${name}/${inside}`);
			},
		});
		return { name, folder, watched };
	});
	const scanning = (async () => {
		for (const watch of watches) await scan(watch);
	})();

	return {
		scanned: Promise.all([scanning, ...watches.map(({ watched }) => watched.ready)]).then(() => undefined),
		problems: () => [...problems.values()].flat(),
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
			keep(path, found);
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
			await Promise.all(watches.map(({ watched }) => watched.close()));
			await settling;
			await scanning;
		},
	};
}

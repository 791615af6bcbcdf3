import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FirstBad } from "../../core/record/bad-record.ts";

/** A change of an export, and whether a verifier's first bad place is the one that was changed. */
export interface Mutation {
	words: string;
	apply(): void;
	undo(): void;
	names(place: FirstBad): boolean;
}

/** Numbers that look random and are the same each time (mulberry32). */
export function seededRandom(seed: number): (below: number) => number {
	let state = seed >>> 0;
	return (below) => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
	};
}

/**
 * One random change of an exported folder: a bit in any file, an event deleted, swapped with the next, inserted (an old
 * one again, or a forged one), a file added or removed.
 */
export function randomMutation(folder: string, session: string, random: (below: number) => number): Mutation {
	const files = listFiles(folder);
	const pick = <T>(all: readonly T[]): T => all[random(all.length)] as T;
	const kind = random(9);
	if (kind <= 3) return flipBit(folder, pick(files), session, random);
	if (kind === 7) return removeFile(folder, pick(files));
	if (kind === 8)
		return addFile(folder, pick(["extra.txt", "recordings/other.run.cast", "attachments/0".padEnd(76, "0")]));
	const path = join(folder, "events.jsonl");
	const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
	const at = random(lines.length - 1);
	const seq = at + 1;
	const names = (place: FirstBad) => "stream" in place && place.stream === session && place.seq === seq;
	if (kind === 4) {
		return rewrite(path, `event ${seq} deleted`, lines.toSpliced(at, 1), names);
	}
	if (kind === 5) {
		const swapped = lines.toSpliced(at, 2, lines[at + 1] as string, lines[at] as string);
		return rewrite(path, `events ${seq} and ${seq + 1} swapped`, swapped, names);
	}
	const copy = lines[random(lines.length)] as string;
	const forged = copy.replace(/"seq":\d+/, `"seq":${seq}`);
	const inserted = pick([copy, forged]);
	return rewrite(
		path,
		`an event inserted before ${seq}`,
		lines.toSpliced(at, 0, inserted),
		(place) =>
			// A forged one claims the number of the one that it stands before: which of the two is false can't be told from it.
			"stream" in place && place.stream === session && (place.seq === seq || place.seq === seq + 1),
	);
}

function flipBit(folder: string, file: string, session: string, random: (below: number) => number): Mutation {
	const path = join(folder, file);
	const before = readFileSync(path);
	const at = random(before.length);
	const after = Buffer.from(before);
	after[at] = (after[at] ?? 0) ^ (1 << random(8));
	const seq = before.subarray(0, at).filter((byte) => byte === 10).length + 1;
	return {
		words: `a bit of ${file} at ${at}`,
		apply: () => writeFileSync(path, after),
		undo: () => writeFileSync(path, before),
		names: (place) => {
			if (file === "events.jsonl") return "stream" in place && place.stream === session && place.seq === seq;
			if (file.startsWith("recordings/")) return "recording" in place && place.recording === file;
			// A text is named by the first event that refers to it.
			if (file === "content.jsonl" && "stream" in place) return place.stream === session;
			return "file" in place && place.file === file;
		},
	};
}

function removeFile(folder: string, file: string): Mutation {
	const before = readFileSync(join(folder, file));
	return {
		words: `${file} removed`,
		apply: () => rmSync(join(folder, file)),
		undo: () => writeFileSync(join(folder, file), before),
		names: (place) => {
			if (file.startsWith("recordings/")) return "recording" in place && place.recording === file;
			return "file" in place && place.file === file;
		},
	};
}

function addFile(folder: string, file: string): Mutation {
	return {
		words: `${file} added`,
		apply: () => writeFileSync(join(folder, file), "added"),
		undo: () => rmSync(join(folder, file)),
		names: (place) => ("recording" in place ? place.recording === file : "file" in place && place.file === file),
	};
}

function rewrite(path: string, words: string, lines: readonly string[], names: Mutation["names"]): Mutation {
	const before = readFileSync(path);
	return {
		words,
		apply: () => writeFileSync(path, lines.map((line) => `${line}\n`).join("")),
		undo: () => writeFileSync(path, before),
		names,
	};
}

function listFiles(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
		.sort();
}

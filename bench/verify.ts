import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { FirstBad } from "../core/record/bad-record.ts";
import { exportSession } from "../server/records/export.ts";
import { verifyPath } from "../server/records/verify.ts";
import { type Mutation, randomMutation, seededRandom } from "../test/support/mutations.ts";
import { openSampleFolder, type SampleSession, writeSampleSession } from "../test/support/sample-record.ts";

interface Tally {
	what: string;
	tried: number;
	found: number;
	named: number;
	ms: number;
	missed: string[];
}

/**
 * What is done to a record and found again: random mutations of an exported folder, bits of an archive, and in a data
 * folder events, texts, recordings and whole sessions. `--count N` mutations of the export, 1,000 unless told; a tenth
 * of it of each of the others. `--seed N` for another order.
 */
export async function run(args: string[]): Promise<boolean> {
	const option = (name: string, otherwise: number) => Number(args[args.indexOf(name) + 1] ?? otherwise) || otherwise;
	const count = option("--count", 1000);
	const random = seededRandom(option("--seed", Date.now() % 1_000_000));
	const root = mkdtempSync(join(tmpdir(), "runledger-bench-verify-"));
	try {
		const data = join(root, "data");
		const exported = join(root, "exported");
		const archive = join(root, "exported.zip");
		const folder = await openSampleFolder(data);
		const sample = await writeSampleSession(folder, "first", { runs: 5 });
		await writeSampleSession(folder, "second");
		await exportSession(folder.events, folder.recordings, "first", exported);
		await exportSession(folder.events, folder.recordings, "first", archive);
		await folder.close();
		for (const path of [data, exported, archive]) {
			const { ok, reason } = await verifyPath(path);
			if (!ok) throw new Error(`The record is not whole before anything was done to it: ${reason}`);
		}
		const few = Math.max(1, Math.round(count / 10));
		const tallies = [
			await tally("exported folder, any change", exported, count, () => randomMutation(exported, "first", random)),
			await tally("exported archive, a bit", archive, few, () => bitOf(archive, random)),
			await tally("data folder, an event", data, few, () => eventOf(data, random)),
			await tally("data folder, a text", data, few, () => textOf(data, random)),
			await tally("data folder, a recording", data, few, () => recordingOf(data, sample, random)),
			await tally("data folder, a session deleted", data, few, () => sessionOf(data)),
		];
		print(tallies);
		return tallies.every(({ tried, found, named }) => found === tried && named === tried);
	} finally {
		rmSync(root, { recursive: true, force: true });
	}
}

async function tally(what: string, path: string, count: number, next: () => Mutation): Promise<Tally> {
	const result: Tally = { what, tried: 0, found: 0, named: 0, ms: 0, missed: [] };
	for (let i = 0; i < count; i += 1) {
		const mutation = next();
		mutation.apply();
		const begin = performance.now();
		const { ok, firstBad } = await verifyPath(path);
		result.ms += performance.now() - begin;
		mutation.undo();
		result.tried += 1;
		if (!ok) result.found += 1;
		if (firstBad && mutation.names(firstBad)) result.named += 1;
		else result.missed.push(`${mutation.words}: ${ok ? "not found" : JSON.stringify(firstBad)}`);
	}
	return result;
}

function bitOf(path: string, random: (below: number) => number): Mutation {
	const before = readFileSync(path);
	const after = Buffer.from(before);
	const at = random(before.length);
	after[at] = (after[at] ?? 0) ^ (1 << random(8));
	return {
		words: `a bit at ${at}`,
		apply: () => writeFileSync(path, after),
		undo: () => writeFileSync(path, before),
		// Which content a bit of an archive belongs to is the archive's own affair.
		names: () => true,
	};
}

/** One letter or digit of an event's bytes becomes another, so that it is still JSON more often than not. */
function eventOf(folder: string, random: (below: number) => number): Mutation {
	const row = pick(folder, "SELECT stream, seq, bytes FROM events ORDER BY position", random) as {
		stream: string;
		seq: number;
		bytes: Buffer;
	};
	const remove = random(4) === 0;
	const change = remove
		? (database: Database.Database) =>
				database.prepare("DELETE FROM events WHERE stream = ? AND seq = ?").run(row.stream, row.seq)
		: (database: Database.Database) =>
				database
					.prepare("UPDATE events SET bytes = ? WHERE stream = ? AND seq = ?")
					.run(changed(row.bytes, random), row.stream, row.seq);
	return inDatabase(
		folder,
		`event ${row.seq} of ${row.stream} ${remove ? "deleted" : "altered"}`,
		change,
		(place) => "stream" in place && place.stream === row.stream && place.seq === row.seq,
	);
}

function textOf(folder: string, random: (below: number) => number): Mutation {
	const row = pick(folder, "SELECT ref, content FROM contents WHERE length(content) > 0 ORDER BY ref", random) as {
		ref: Buffer;
		content: Buffer;
	};
	return inDatabase(
		folder,
		`a text of ${row.content.length} bytes`,
		(database) =>
			database.prepare("UPDATE contents SET content = ? WHERE ref = ?").run(changed(row.content, random), row.ref),
		(place) => "stream" in place && refersTo(folder, place.stream, place.seq, row.ref.toString("hex")),
	);
}

function recordingOf(folder: string, { session, runs }: SampleSession, random: (below: number) => number): Mutation {
	const file = `recordings/${session}.${runs[random(runs.length)]}.cast`;
	const path = join(folder, file);
	const before = readFileSync(path);
	const after = random(4) === 0 ? before.subarray(0, random(before.length)) : changed(before, random);
	return {
		words: `${file}`,
		apply: () => writeFileSync(path, after),
		undo: () => writeFileSync(path, before),
		names: (place) => "recording" in place && place.recording === file,
	};
}

function sessionOf(folder: string): Mutation {
	return inDatabase(
		folder,
		"the session first deleted",
		(database) => {
			database.exec("DELETE FROM events WHERE stream = 'first'; DELETE FROM heads WHERE stream = 'first'");
		},
		(place) => "stream" in place && place.stream === "first" && place.seq === 1,
	);
}

function inDatabase(
	folder: string,
	words: string,
	change: (database: Database.Database) => unknown,
	names: (place: FirstBad) => boolean,
): Mutation {
	const path = join(folder, "events.db");
	const kept = `${path}.kept`;
	return {
		words,
		apply: () => {
			cpSync(path, kept);
			const database = new Database(path);
			change(database);
			database.close();
		},
		undo: () => {
			cpSync(kept, path);
			for (const file of [kept, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
		},
		names,
	};
}

function pick(folder: string, sql: string, random: (below: number) => number): unknown {
	const database = new Database(join(folder, "events.db"), { readonly: true });
	const rows = database.prepare(sql).all();
	database.close();
	return rows[random(rows.length)];
}

function refersTo(folder: string, stream: string, seq: number, ref: string): boolean {
	const database = new Database(join(folder, "events.db"), { readonly: true });
	const bytes = database.prepare("SELECT bytes FROM events WHERE stream = ? AND seq = ?").pluck().get(stream, seq);
	database.close();
	return Buffer.isBuffer(bytes) && bytes.includes(ref);
}

function changed(bytes: Buffer, random: (below: number) => number): Buffer {
	const after = Buffer.from(bytes);
	const at = random(after.length);
	after[at] = (after[at] ?? 0) ^ (1 << random(8));
	return after;
}

function print(tallies: readonly Tally[]): void {
	console.log("what was done                      tried  found  named  ms each");
	for (const { what, tried, found, named, ms, missed } of tallies) {
		const numbers = [tried, found, named].map((n) => String(n).padStart(7)).join("");
		console.log(`${what.padEnd(33)}${numbers}${(ms / tried).toFixed(1).padStart(9)}`);
		for (const words of missed.slice(0, 10)) console.log(`  missed: ${words}`);
	}
}

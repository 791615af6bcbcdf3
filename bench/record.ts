import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { noteDraft, openSampleFolder, sampleActor, sampleOrigin } from "../test/support/sample-record.ts";

/** Appends that wait for the same sync. */
const batches = [1, 10, 100, 1000];

interface Row {
	batch: number;
	record: number;
	floor: number;
}

/**
 * Durable events a second, by how many appends come at once, beside their floor: plain SQLite that writes rows of the same
 * size in transactions of as many, synced as fully, and nothing else (no hash, no chain, no text beside it, no check).
 * `--ms N` for how long each is measured, 1,500 unless told. Says no only when it is not durable or does not grow with
 * the batch: how fast is for a person to judge.
 */
export async function run(args: string[]): Promise<boolean> {
	const ms = Number(args[args.indexOf("--ms") + 1] ?? 1500) || 1500;
	const root = mkdtempSync(join(tmpdir(), "runledger-bench-record-"));
	try {
		const rows: Row[] = [];
		for (const batch of batches) {
			// In turn, twice, so that a slow moment of the machine falls on both.
			const record = [await recordRate(join(root, `record-${batch}-1`), batch, ms / 2)];
			const floor = [floorRate(join(root, `floor-${batch}-1`), batch, ms / 2)];
			record.push(await recordRate(join(root, `record-${batch}-2`), batch, ms / 2));
			floor.push(floorRate(join(root, `floor-${batch}-2`), batch, ms / 2));
			rows.push({ batch, record: mean(record), floor: mean(floor) });
		}
		console.log("at once   events/s   SQLite alone   ratio");
		for (const { batch, record, floor } of rows) {
			const cells = [
				String(batch).padStart(7),
				whole(record, 11),
				whole(floor, 15),
				(record / floor).toFixed(2).padStart(8),
			];
			console.log(cells.join(""));
		}
		return (rows.at(-1)?.record ?? 0) > (rows[0]?.record ?? 0);
	} finally {
		rmSync(root, { recursive: true, force: true });
	}
}

async function recordRate(path: string, batch: number, ms: number): Promise<number> {
	const folder = await openSampleFolder(path);
	const draft = noteDraft("The replicas caught up; the probe is quiet.");
	let events = 0;
	const begin = performance.now();
	while (performance.now() - begin < ms) {
		const appends = Array.from({ length: batch }, (_, index) =>
			folder.events.append("session", events + index, [{ actor: sampleActor, origin: sampleOrigin, draft }]),
		);
		await Promise.all(appends);
		events += batch;
	}
	const took = performance.now() - begin;
	const kept = folder.events.read("session", events - 1).length;
	await folder.close();
	if (kept !== 1) throw new Error("An acknowledged event is not there.");
	return (events / took) * 1000;
}

/** The size of a note's event as it is stored: its bytes, hash, salt and text. */
const rowBytes = 800;

function floorRate(path: string, batch: number, ms: number): number {
	const database = new Database(path);
	database.pragma("journal_mode = WAL");
	database.pragma("synchronous = FULL");
	database.exec("CREATE TABLE rows (position INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
	const insert = database.prepare("INSERT INTO rows (bytes) VALUES (?)");
	const bytes = Buffer.alloc(rowBytes, 0x61);
	let events = 0;
	const begin = performance.now();
	while (performance.now() - begin < ms) {
		database.exec("BEGIN IMMEDIATE");
		for (let i = 0; i < batch; i += 1) insert.run(bytes);
		database.exec("COMMIT");
		events += batch;
	}
	const took = performance.now() - begin;
	database.close();
	return (events / took) * 1000;
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function whole(value: number, width: number): string {
	return Math.round(value).toLocaleString("en").padStart(width);
}

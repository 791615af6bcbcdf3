import { execFileSync } from "node:child_process";
import {
	copyFileSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { systemActor } from "../../core/access.ts";
import { eventHash } from "../../core/record/event-hash.ts";
import type { SessionEventDraft } from "../../core/session-event.ts";
import {
	noteDraft,
	openingDraft,
	openSampleFolder,
	runDrafts,
	type SampleSession,
	sampleActor,
	sampleOrigin,
	startDraft,
	writeSampleRecord,
	writeSampleSession,
} from "../../test/support/sample-record.ts";
import { openDataFolder } from "./data-folder.ts";
import { exportSession } from "./export.ts";
import { nodeRecordCrypto } from "./node-record-crypto.ts";
import { verifyPath } from "./verify.ts";

const root = mkdtempSync(join(tmpdir(), "runledger-verify-folder-test-"));
const data = join(root, "data");
let first: SampleSession;

beforeAll(async () => {
	const record = await writeSampleRecord(data);
	first = record.first;
	await record.folder.close();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("a data folder", () => {
	const copies: string[] = [];
	const tampered = (change: (database: Database.Database, folder: string) => void): string => {
		const copy = join(root, `copy-${copies.length}`);
		copies.push(copy);
		cpSync(data, copy, { recursive: true });
		const database = new Database(join(copy, "events.db"));
		change(database, copy);
		database.close();
		return copy;
	};

	test.each([
		["altered", "UPDATE events SET bytes = CAST(replace(CAST(bytes AS TEXT), '127.0.0.1', '127.0.0.2') AS BLOB)", 5],
		["deleted", "DELETE FROM events", 5],
		["deleted at the end", "DELETE FROM events", 14],
		["unlinked", "UPDATE events SET bytes = CAST(replace(CAST(bytes AS TEXT), 'prev\":\"', 'prev\":\"0') AS BLOB)", 7],
	])("with an event %s names it", async (_what, sql, seq) => {
		const copy = tampered((database) => database.exec(`${sql} WHERE stream = 'first' AND seq = ${seq}`));
		expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { stream: "first", seq } });
	});

	test("with an event altered together with the hash beside it names that event", async () => {
		const copy = tampered((database) => {
			const bytes = database
				.prepare("SELECT bytes FROM events WHERE stream = 'first' AND seq = 6")
				.pluck()
				.get() as Buffer;
			const altered = Buffer.from(bytes.toString().replace("127.0.0.1", "127.0.0.9"));
			const hash = Buffer.from(eventHash(altered, nodeRecordCrypto.sha256), "hex");
			database.prepare("UPDATE events SET bytes = ?, hash = ? WHERE stream = 'first' AND seq = 6").run(altered, hash);
		});
		expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { stream: "first", seq: 6 } });
	});

	test("with a pipe in place of its lock or its journal is read as far as it goes, and waits for nobody", async () => {
		const copy = tampered(() => undefined);
		rmSync(join(copy, "lock"));
		execFileSync("mkfifo", [join(copy, "lock")]);
		expect(await verifyPath(copy)).toMatchObject({ ok: true });
		rmSync(join(copy, "events.db-wal"), { force: true });
		execFileSync("mkfifo", [join(copy, "events.db-wal")]);
		expect(await verifyPath(copy)).toMatchObject({ ok: false, reason: "events.db-wal is not a file." });
	});

	test("with a column emptied in its pages says what is wrong", async () => {
		const emptied = (column: string, table: string) =>
			tampered((database) => {
				database.unsafeMode();
				database.pragma("writable_schema = ON");
				database.exec("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')");
				database.pragma("schema_version = 99");
				database.exec(`UPDATE ${table} SET ${column} = NULL`);
			});
		for (const [column, table] of [
			["hash", "heads"],
			["seq", "heads"],
			["hash", "events"],
			["bytes", "events"],
			["stream", "events"],
			["salt", "contents"],
			["content", "contents"],
		] as const) {
			const report = await verifyPath(emptied(column, table));
			expect(report.ok, `${table}.${column}`).toBe(false);
			expect(report.reason).toMatch(/^[A-Z].*\.$/);
		}
	});

	test("and its journals are after a verification what they were before, to the byte", async () => {
		const copy = join(root, "crashed");
		copies.push(copy);
		cpSync(data, copy, { recursive: true });
		const writer = new Database(join(copy, "events.db"));
		writer.pragma("journal_mode = WAL");
		writer.exec("UPDATE meta SET value = value + 1 WHERE name = 'probe'");
		for (const files of [["events.db", "events.db-wal"], ["events.db"]]) {
			const left = join(root, `left-${files.length}`);
			copies.push(left);
			cpSync(data, left, { recursive: true });
			for (const file of files) copyFileSync(join(copy, file), join(left, file));
			const state = () =>
				readdirSync(left).map((file) => {
					const stat = statSync(join(left, file));
					return [file, stat.mtimeMs, stat.isFile() ? readFileSync(join(left, file)).toString("base64") : ""];
				});
			const before = state();
			await verifyPath(left);
			expect(state()).toEqual(before);
		}
		writer.close();
	});

	test("leaves no copy of itself when it was verified, whole, or no database at all", async () => {
		const temporary = join(root, "temporary");
		mkdirSync(temporary);
		vi.stubEnv("TMPDIR", temporary);
		try {
			expect(await verifyPath(data)).toMatchObject({ ok: true });
			expect(readdirSync(temporary)).toEqual([]);
			const none = tampered((_database, folder) => rmSync(join(folder, "events.db")));
			writeFileSync(join(none, "events.db"), "no database at all");
			expect(await verifyPath(none)).toMatchObject({ ok: false });
			expect(readdirSync(temporary)).toEqual([]);
		} finally {
			vi.unstubAllEnvs();
		}
	});

	test("with a text altered or taken away names the event that it belongs to", async () => {
		const altered = tampered((database) =>
			database.exec(
				"UPDATE contents SET content = CAST('All is hell with first.' AS BLOB) WHERE CAST(content AS TEXT) = 'All is well with first.'",
			),
		);
		expect(await verifyPath(altered)).toMatchObject({ ok: false, firstBad: { stream: "first", seq: 14 } });
		const gone = tampered((database) =>
			database.exec("DELETE FROM contents WHERE CAST(content AS TEXT) = 'All is well with first.'"),
		);
		expect(await verifyPath(gone)).toMatchObject({ ok: false, firstBad: { stream: "first", seq: 14 } });
	});

	test("with a recording altered, cut, taken away or added names it", async () => {
		const file = `recordings/first.${first.runs[1]}.cast`;
		for (const change of [
			(path: string) => writeFileSync(path, readFileSync(path, "utf8").replace("master", "slave!")),
			(path: string) => writeFileSync(path, readFileSync(path).subarray(0, -1)),
			(path: string) => rmSync(path),
		]) {
			const copy = tampered((_database, folder) => change(join(folder, file)));
			expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { recording: file } });
		}
		const added = tampered((_database, folder) =>
			copyFileSync(join(folder, file), join(folder, "recordings/first.run-none.cast")),
		);
		expect(await verifyPath(added)).toMatchObject({ firstBad: { recording: "recordings/first.run-none.cast" } });
	});

	test("with a recording of a run that never began names it; of one that began and has no end it can't tell", async () => {
		const path = join(root, "never-began");
		const folder = await openSampleFolder(path);
		const give = async (draft: SessionEventDraft, actor = systemActor) => {
			const seq = folder.events.heads().find(({ stream }) => stream === "s")?.seq ?? 0;
			return (await folder.events.append("s", seq, [{ actor, origin: sampleOrigin, draft }]))[0];
		};
		await give(openingDraft("s"), sampleActor);
		await give(runDrafts("rejected", 1).requested, sampleActor);
		await give({ type: "run.rejected", data: { run: "rejected", code: "plan-moved", reason: { content: "moved" } } });
		const requested = await give(runDrafts("begun", 2).requested, sampleActor);
		const plant = (run: string) =>
			copyFileSync(join(data, `recordings/first.${first.runs[0]}.cast`), join(path, `recordings/s.${run}.cast`));
		plant("begun");
		expect(await verifyPath(path)).toMatchObject({ ok: false, firstBad: { recording: "recordings/s.begun.cast" } });
		await give(startDraft(requested));
		const open = await verifyPath(path);
		expect(open).toMatchObject({ ok: true });
		expect(open.cannotTell.join("\n")).toMatch(/1 recording of runs without an end/);
		plant("rejected");
		const found = { ok: false, firstBad: { recording: "recordings/s.rejected.cast" } };
		expect(await verifyPath(path)).toMatchObject(found);
		rmSync(join(path, "recordings/s.rejected.cast"));
		await give(runDrafts("begun", 2).finished);
		const ended = await verifyPath(path);
		expect(ended).toMatchObject({ ok: true });
		expect(ended.cannotTell.join("\n")).toMatch(
			/could not be finished as their run ended: its end vouches for none of [^ ,]+\.cast\./,
		);
		await folder.close();
	});

	test.each<[string, (run: string) => SessionEventDraft, RegExp]>([
		["a run that finishes again", (run) => runDrafts(run, 1).finished, /`run.finished` comes after the session/],
		["a note", () => noteDraft("Nothing was wrong."), /`note.added` comes after the session was closed/],
	])("with %s after its session was closed, well chained, names that event", async (what, draft, reason) => {
		const copy = join(root, `impossible-${what}`);
		copies.push(copy);
		cpSync(data, copy, { recursive: true });
		const folder = await openSampleFolder(copy);
		const added = draft(first.runs[0] ?? "");
		await folder.events.append("first", 14, [{ actor: systemActor, origin: sampleOrigin, draft: added }]);
		await folder.close();
		const report = await verifyPath(copy);
		expect(report).toMatchObject({ ok: false, firstBad: { stream: "first", seq: 15 } });
		expect(report.reason).toMatch(reason);
	});

	test("with an attachment altered or taken away names it", async () => {
		const file = `attachments/${first.attachment}`;
		const altered = tampered((_database, folder) => writeFileSync(join(folder, file), "another picture"));
		expect(await verifyPath(altered)).toMatchObject({ ok: false, firstBad: { file } });
		const gone = tampered((_database, folder) => rmSync(join(folder, file)));
		expect(await verifyPath(gone)).toMatchObject({ ok: false, firstBad: { file } });
	});

	test("with an attachment taken away still names what was done to the events", async () => {
		const hidden = (change: (database: Database.Database) => void) =>
			tampered((database, folder) => {
				rmSync(join(folder, `attachments/${first.attachment}`));
				change(database);
			});
		const head = hidden((database) => database.exec("DELETE FROM heads WHERE stream = 'first'"));
		expect(await verifyPath(head)).toMatchObject({
			firstBad: { file: "events.db" },
			reason: expect.stringMatching(/head of first/),
		});
		const text = hidden((database) => database.exec("INSERT INTO contents VALUES (x'00', x'00', x'00')"));
		expect(await verifyPath(text)).toMatchObject({
			firstBad: { file: "events.db" },
			reason: expect.stringMatching(/text was added/),
		});
		const order = hidden((database) =>
			database.exec("UPDATE events SET position = position + 1000 WHERE position = 3"),
		);
		expect(await verifyPath(order)).toMatchObject({
			firstBad: { file: "events.db" },
			reason: expect.stringMatching(/out of its order/),
		});
		const plain = hidden(() => undefined);
		expect(await verifyPath(plain)).toMatchObject({ firstBad: { file: `attachments/${first.attachment}` } });
	});

	test("has no session that it has no trace of", async () => {
		expect(await verifyPath(data, { session: "first" })).toMatchObject({ ok: true });
		for (const session of ["nobody", "server", "__proto__", ""]) {
			await expect(verifyPath(data, { session })).rejects.toMatchObject({ problem: { code: "session-unknown" } });
		}
	});

	test("with a folder in place of a file, or a file in place of a folder, names it", async () => {
		const recording = `recordings/first.${first.runs[1]}.cast`;
		const folderAt = (file: string) => (_database: Database.Database, folder: string) => {
			rmSync(join(folder, file), { force: true });
			mkdirSync(join(folder, file));
		};
		for (const [file, place] of [
			["attachments/foo", { file: "attachments/foo" }],
			[`attachments/${first.attachment}`, { file: `attachments/${first.attachment}` }],
			[recording, { recording }],
			["recordings/first.run-none.cast", { recording: "recordings/first.run-none.cast" }],
			["events.db", { file: "events.db" }],
		] as const) {
			expect(await verifyPath(tampered(folderAt(file)))).toMatchObject({ ok: false, firstBad: place });
		}
		const flat = tampered((_database, folder) => {
			rmSync(join(folder, "attachments"), { recursive: true });
			writeFileSync(join(folder, "attachments"), "");
		});
		expect(await verifyPath(flat)).toMatchObject({ ok: false, firstBad: { file: "attachments" } });
	});

	test("with a file among the recordings that is none names it", async () => {
		const file = "recordings/notes.txt";
		const added = tampered((_database, folder) => writeFileSync(join(folder, file), "not of this record"));
		expect(await verifyPath(added)).toMatchObject({ ok: false, firstBad: { recording: file } });
		const leftOver = `recordings/first.${first.runs[1]}.cast.fresh`;
		const died = tampered((_database, folder) => writeFileSync(join(folder, leftOver), "half of it"));
		expect(await verifyPath(died)).toMatchObject({ ok: true });
	});

	test.each([
		["a head deleted", "DELETE FROM heads WHERE stream = 'first'"],
		["a head's position altered", "UPDATE heads SET position = position - 1 WHERE stream = 'first'"],
		["a text added", "INSERT INTO contents VALUES (zeroblob(32), zeroblob(32), CAST('hello' AS BLOB))"],
		[
			"the positions of two of a session's events swapped",
			"UPDATE events SET position = CASE position WHEN 5 THEN -6 ELSE -5 END WHERE position IN (5, 6); UPDATE events SET position = -position WHERE position < 0",
		],
		[
			"the positions of two sessions' events swapped",
			"UPDATE events SET position = CASE position WHEN 1 THEN -2 ELSE -1 END WHERE position IN (1, 2); UPDATE events SET position = -position WHERE position < 0",
		],
	])("with %s in its database is found out", async (_what, sql) => {
		const copy = tampered((database) => database.exec(sql));
		expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { file: "events.db" } });
	});

	test("with a whole session deleted, with all that belongs to it, names the session", async () => {
		const copy = tampered((database, folder) => {
			database.exec("DELETE FROM events WHERE stream = 'first'; DELETE FROM heads WHERE stream = 'first'");
			for (const run of first.runs) rmSync(join(folder, `recordings/first.${run}.cast`));
		});
		expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { stream: "first", seq: 1 } });
	});

	test("with its server's stream deleted, or its heads, is found out", async () => {
		const stream = tampered((database) => database.exec("DELETE FROM events WHERE stream = 'server'"));
		expect(await verifyPath(stream)).toMatchObject({ ok: false, firstBad: { stream: "server", seq: 1 } });
		const both = tampered((database) =>
			database.exec("DELETE FROM events WHERE stream = 'server'; DELETE FROM heads WHERE stream = 'server'"),
		);
		expect(await verifyPath(both)).toMatchObject({ ok: false, firstBad: { file: "events.db" } });
	});

	test("whose database was damaged is reported, not thrown", async () => {
		const copy = join(root, "damaged");
		cpSync(data, copy, { recursive: true });
		const path = join(copy, "events.db");
		const bytes = readFileSync(path);
		bytes.fill(0x5a, 4096 * 3, 4096 * 4);
		writeFileSync(path, bytes);
		expect((await verifyPath(copy)).ok).toBe(false);
		writeFileSync(path, "no database at all");
		expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { file: "events.db" } });
	});

	test("whose pages do not agree is reported although all that is asked of it can be read", async () => {
		const copy = tampered((database) => database.pragma("journal_mode = DELETE"));
		const path = join(copy, "events.db");
		const bytes = readFileSync(path);
		// The number of free pages, of which there are none.
		bytes.writeUInt32BE(bytes.readUInt32BE(36) + 1, 36);
		writeFileSync(path, bytes);
		expect(await verifyPath(copy)).toMatchObject({
			firstBad: { file: "events.db" },
			reason: expect.stringContaining("The database is damaged"),
		});
	});

	test("in which a session's events were swapped is found out also when no clock tells them apart", async () => {
		const still = join(root, "still");
		const folder = await openDataFolder(still, { now: () => 0, mono: () => 7n });
		await writeSampleSession(folder, "still");
		await folder.close();
		expect(await verifyPath(still)).toMatchObject({ ok: true });
		const database = new Database(join(still, "events.db"));
		const [one, two] = database
			.prepare("SELECT position FROM events WHERE stream = 'still' ORDER BY seq")
			.pluck()
			.all() as number[];
		const move = database.prepare("UPDATE events SET position = ? WHERE position = ?");
		for (const [to, from] of [
			[-1, one],
			[one, two],
			[two, -1],
		]) {
			move.run(to, from);
		}
		database.close();
		expect(await verifyPath(still)).toMatchObject({ reason: expect.stringContaining("out of its order") });
	});

	test("is verified beside the server that writes it, and after that server has died", async () => {
		const live = join(root, "live");
		const folder = await openSampleFolder(live);
		await writeSampleSession(folder, "live");
		const writing = writeSampleSession(folder, "more", { runs: 20 });
		for (let i = 0; i < 5; i += 1) expect(await verifyPath(live)).toMatchObject({ ok: true });
		await writing;
		// What a death leaves: the journal not folded in, no shared memory that is worth anything.
		const dead = join(root, "dead");
		cpSync(live, dead, { recursive: true });
		rmSync(join(dead, "events.db-shm"), { force: true });
		expect(statSync(join(dead, "events.db-wal")).size).toBeGreaterThan(0);
		const before = readFileSync(join(dead, "events.db"));
		expect(await verifyPath(dead)).toMatchObject({ ok: true, checked: { recordings: 23 } });
		expect(readFileSync(join(dead, "events.db")).equals(before)).toBe(true);
		await folder.close();
	});

	test("with a text marked as erased names its event: the mark proves nothing, and no bytes of it are left", async () => {
		const copy = join(root, "erased");
		cpSync(data, copy, { recursive: true });
		const folder = await openSampleFolder(copy);
		const closed = folder.events.read("first").at(-1)?.data.summary as { ref: string };
		await folder.events.erase(closed.ref);
		await exportSession(folder.events, folder.recordings, "first", join(root, "erased.zip"));
		await folder.close();
		for (const path of [copy, join(root, "erased.zip")]) {
			const report = await verifyPath(path);
			expect(report).toMatchObject({ ok: false, firstBad: { stream: "first", seq: 14 } });
			expect(report.reason).toMatch(/marked as erased, and no event says who erased it/);
		}
		const left = readdirSync(copy).filter(
			(name) =>
				statSync(join(copy, name)).isFile() && readFileSync(join(copy, name), "latin1").includes("well with first"),
		);
		expect(left).toEqual([]);
	});
});

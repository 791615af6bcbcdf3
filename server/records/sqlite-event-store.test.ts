import { copyFileSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contentReferences } from "../../core/record/content-references.ts";
import type { JoinedEvent, ServerEventDraft, SessionEventDraft } from "../../core/session-event.ts";
import { noteDraft, sampleActor, sampleOrigin, writeSampleSession } from "../../test/support/sample-record.ts";
import type { BuiltEvent } from "./build-events.ts";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import { assertDurable, openEventDatabase } from "./event-database.ts";
import { insertEvent, prepareEventStatements, writeHead } from "./event-statements.ts";
import { missingSessionHeads, sessionHead } from "./session-head.ts";
import { openEventStore } from "./sqlite-event-store.ts";
import { verifyPath } from "./verify.ts";

let root: string;
let folder: DataFolder;
let at = Date.UTC(2026, 10, 21, 12);
const options = { now: () => at, mono: () => process.hrtime.bigint() };

beforeEach(async () => {
	root = mkdtempSync(join(tmpdir(), "runledger-events-"));
	folder = await openDataFolder(root, options);
});

afterEach(async () => {
	await folder.close();
	rmSync(root, { recursive: true, force: true });
});

const toAppend = (draft: SessionEventDraft | ServerEventDraft) => ({ actor: sampleActor, origin: sampleOrigin, draft });
const append = (expectedSeq: number, ...texts: string[]) =>
	folder.events.append(
		"session",
		expectedSeq,
		texts.map((text) => toAppend(noteDraft(text))),
	);
const textOf = (event: JoinedEvent | undefined) => (event?.data.text as { content?: string } | undefined)?.content;

describe("the database of events", () => {
	test("is synced in full: the level is asserted after a write on every open", () => {
		const path = join(root, "other.db");
		const database = openEventDatabase(path);
		expect(database.pragma("synchronous", { simple: true })).toBe(2);
		expect(database.pragma("journal_mode", { simple: true })).toBe("wal");
		database.pragma("synchronous = NORMAL");
		expect(() => assertDurable(database)).toThrow(/FULL/);
		database.close();
		const again = openEventDatabase(path);
		expect(again.pragma("synchronous", { simple: true })).toBe(2);
		again.close();
	});

	test.each([
		["CREATE TRIGGER vanish BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END", /trigger `vanish`/],
		["CREATE TRIGGER vanish BEFORE INSERT ON heads BEGIN SELECT RAISE(IGNORE); END", /trigger `vanish`/],
		["CREATE TRIGGER vanish BEFORE UPDATE ON heads BEGIN SELECT RAISE(IGNORE); END", /trigger `vanish`/],
		["CREATE TRIGGER vanish BEFORE INSERT ON contents BEGIN SELECT RAISE(IGNORE); END", /trigger `vanish`/],
		["CREATE TRIGGER vanish AFTER INSERT ON events BEGIN DELETE FROM events; END", /trigger `vanish`/],
		["ALTER TABLE events RENAME TO kept; CREATE VIEW events AS SELECT * FROM kept", /`events`/],
		["ALTER TABLE events ADD COLUMN more", /table `events`/],
		["CREATE TABLE extra (x)", /table `extra`/],
	])(
		"that was changed by `%s` takes no event as written, not under way and not at the next start",
		async (sql, named) => {
			await append(0, "before");
			const database = new Database(join(root, "events.db"));
			database.exec(sql);
			const refused = expect.objectContaining({
				problem: expect.objectContaining({ code: "record-unwritable", detail: expect.stringMatching(named) }),
			});
			await expect(append(1, "vanished")).rejects.toEqual(refused);
			expect(folder.health.ok).toBe(false);
			expect(await folder.probe()).toBe(false);
			await folder.close();
			await expect(openDataFolder(root, options)).rejects.toEqual(refused);
			expect(await verifyPath(root)).toMatchObject({
				ok: false,
				firstBad: { file: "events.db" },
				reason: expect.stringMatching(named),
			});
			database.close();
		},
	);

	test.each([
		["has gone", () => {}, /events\.db is gone since/],
		[
			"was replaced by another",
			(path: string, away: string) => copyFileSync(away, path),
			/events\.db is another file since/,
		],
	])("whose file %s takes no event as written, until it is back", async (_, replace, named) => {
		await append(0, "before");
		const path = join(root, "events.db");
		const away = join(root, "away.db");
		renameSync(path, away);
		replace(path, away);
		await expect(append(1, "in nobody's file")).rejects.toMatchObject({
			problem: { code: "record-unwritable", detail: expect.stringMatching(named) },
		});
		expect(folder.health.ok).toBe(false);
		expect(await folder.probe()).toBe(false);
		renameSync(away, path);
		expect(await folder.probe()).toBe(true);
		await append(1, "after");
		expect(folder.events.read("session").map(textOf)).toEqual(["before", "after"]);
	});

	test("counts the rows that it writes: what swallows one is an error of the disk", () => {
		const database = openEventDatabase(join(root, "other.db"));
		const statements = prepareEventStatements(database);
		writeHead(statements, "s", 1, "00", 1);
		database.exec("CREATE TEMP TRIGGER vanish BEFORE UPDATE ON heads BEGIN SELECT RAISE(IGNORE); END");
		expect(() => writeHead(statements, "s", 2, "00", 2)).toThrow(/row of `heads` was not written/);
		database.exec("CREATE TEMP TRIGGER lost BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END");
		const stored = { position: 1, stream: "s", seq: 1, hash: "00", bytes: Buffer.from("{}") };
		const built = { stored, sealed: { data: {}, contents: [] } } as unknown as BuiltEvent;
		expect(() => insertEvent(statements, built)).toThrow(/row of `events` was not written/);
		database.close();
	});

	test("would fall back to less by itself, which is why", () => {
		const database = new Database(join(root, "plain.db"));
		database.pragma("journal_mode = WAL");
		database.exec("CREATE TABLE rows (x)");
		expect(() => assertDurable(database)).toThrow(/synchronous level is 1/);
		database.close();
	});
});

describe("appending", () => {
	test("gives events with their number, hash, position and time, and the texts joined", async () => {
		const [first, second] = await append(0, "one", "two");
		expect(first).toMatchObject({
			v: 1,
			stream: "session",
			seq: 1,
			epoch: 1,
			at: "2026-11-21T12:00:00.000Z",
			position: 1,
		});
		expect(second).toMatchObject({ seq: 2, prev: first?.hash, position: 2 });
		expect(textOf(second)).toBe("two");
		expect(folder.events.read("session")).toEqual([first, second]);
		expect(folder.events.read("session", 1)).toEqual([second]);
		expect(folder.events.read("session", 0, 1)).toEqual([first]);
		expect(folder.events.heads()).toEqual([{ stream: "session", seq: 2, hash: second?.hash }]);
	});

	test("keeps texts beside the event, each under a salt of its own", async () => {
		await append(0, "a secret", "a secret");
		const stored = [...folder.events.readStored("session")].map(({ bytes }) => Buffer.from(bytes).toString());
		expect(stored.join()).not.toMatch(/secret/);
		const contents = [...folder.events.contents("session")];
		expect(contents.map(({ content }) => content)).toEqual(["a secret", "a secret"]);
		expect(new Set(contents.map(({ ref }) => ref)).size).toBe(2);
		expect(new Set(contents.map(({ salt }) => salt)).size).toBe(2);
	});

	test("keeps a text that is sealed already under its reference, once", async () => {
		const [first] = await append(0, "shared");
		const sealed = first?.data.text as { ref: string; bytes: number; content: string };
		const draft = { type: "note.added" as const, data: { note: "n", text: sealed, attachments: [] } };
		const [second] = await folder.events.append("session", 1, [toAppend(draft)]);
		expect(textOf(second)).toBe("shared");
		expect([...folder.events.contents("session")]).toHaveLength(1);
		expect([...contentReferences(second?.data ?? {})]).toEqual([{ ref: sealed.ref, bytes: 6 }]);
	});

	test("keeps texts of any characters", async () => {
		const text = "\0 \u{1f600} \ufeff \u2028 e\u0301 \r\n\x1b[0m";
		await append(0, text, "half \ud800");
		expect(folder.events.read("session").map(textOf)).toEqual([text, "half \ufffd"]);
	});

	test("when the stream has moved on is refused, and refuses nobody else", async () => {
		const results = await Promise.allSettled([append(0, "mine"), append(0, "too late"), append(1, "after mine")]);
		expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
		expect(results[1]).toMatchObject({ reason: { problem: { code: "record-conflict" } } });
		expect(folder.events.read("session").map(textOf)).toEqual(["mine", "after mine"]);
		expect(folder.health.ok).toBe(true);
	});

	test("at the same moment shares one transaction, and one sync", async () => {
		const journalBytes = () => statSync(join(root, "events.db-wal")).size;
		const growth = async (count: number, from: number) => {
			const before = journalBytes();
			await Promise.all(Array.from({ length: count }, (_, i) => append(from + i, `event ${i}`)));
			return journalBytes() - before;
		};
		const one = await growth(1, 0);
		// A transaction writes each page that it has touched once: fifty of their own would be fifty times as much.
		expect(await growth(50, 1)).toBeLessThan(one * 10);
	});

	test("tells of events in the order of their positions", async () => {
		const order: number[] = [];
		folder.events.follow((events) => order.push(...events.map(({ position }) => position)));
		await Promise.all(Array.from({ length: 20 }, (_, i) => append(i, `event ${i}`)));
		expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
	});

	test("of an event over 60,000 bytes is refused, and refuses nobody else", async () => {
		const attachments = Array.from({ length: 600 }, () => ({
			sha256: "a".repeat(64),
			mediaType: "image/png",
			bytes: 1,
		}));
		const large = toAppend({ type: "note.added", data: { note: "n", text: { content: "" }, attachments } });
		const results = await Promise.allSettled([folder.events.append("session", 0, [large]), append(0, "small")]);
		expect(results[0]).toMatchObject({ reason: { problem: { code: "event-too-large" } } });
		expect(results[1]).toMatchObject({ status: "fulfilled" });
	});

	test("of something that is no event is refused", async () => {
		const draft = { type: "note.added", data: { note: 1 } } as unknown as SessionEventDraft;
		await expect(folder.events.append("session", 0, [toAppend(draft)])).rejects.toThrow();
		expect(folder.events.heads()).toEqual([]);
	});

	test("tells followers after it is durable, and outlives one that throws", async () => {
		const seen: number[] = [];
		folder.events.follow(() => {
			throw new Error("a listener's own affair");
		});
		const stop = folder.events.follow(([event]) => seen.push(event?.seq ?? 0));
		await append(0, "one");
		stop();
		await append(1, "two");
		expect(seen).toEqual([1]);
	});

	test("never puts an identity's name into an event", async () => {
		const actor = { ...sampleActor, name: "Ada Lovelace" };
		await folder.events.append("session", 0, [{ actor, origin: sampleOrigin, draft: noteDraft("x") }]);
		const [stored] = [...folder.events.readStored("session")];
		expect(Buffer.from(stored?.bytes ?? []).toString()).not.toMatch(/Ada/);
	});
});

describe("a store that is opened again", () => {
	test("goes on where it was, as the next start", async () => {
		const [first] = await append(0, "one");
		await folder.close();
		at += 1000;
		folder = await openDataFolder(root, options);
		expect(folder.events.epoch).toBe(2);
		const [second] = await append(1, "two");
		expect(second).toMatchObject({ seq: 2, prev: first?.hash, epoch: 2, position: 2 });
	});

	test("fences a writer that was there before: the stale one is refused", async () => {
		await append(0, "one");
		const other = openEventStore(root, options);
		await expect(append(1, "stale")).rejects.toMatchObject({ problem: { code: "record-unwritable" } });
		const [written] = await other.append("session", 1, [toAppend(noteDraft("fresh"))]);
		expect(written).toMatchObject({ seq: 2, epoch: 2 });
		await other.close();
	});
});

describe("erasing", () => {
	test("takes a text away and leaves the event as it was", async () => {
		const [event] = await append(0, "a name");
		const before = [...folder.events.readStored("session")];
		const ref = String((event?.data.text as { ref?: string } | undefined)?.ref);
		await folder.events.erase(ref);
		expect(folder.events.read("session")[0]?.data.text).toEqual({ ref, bytes: 6 });
		expect([...folder.events.readStored("session")]).toEqual(before);
		expect([...folder.events.contents("session")]).toEqual([]);
	});
});

describe("the lock of a data folder", () => {
	test("lets one writer in, names it to the other, and is free when it is closed", async () => {
		await expect(openDataFolder(root, options)).rejects.toMatchObject({
			problem: { code: "record-locked", detail: expect.stringContaining(String(process.pid)) },
		});
		await folder.close();
		folder = await openDataFolder(root, options);
	});
});

describe("heads of sessions in the server's stream", () => {
	test("that a death has left out are found at the next start", async () => {
		const { session } = await writeSampleSession(folder, "whole");
		expect(missingSessionHeads(folder.events)).toEqual([]);
		await writeSampleSession(folder, "open", { runs: 0, close: false });
		const opened: SessionEventDraft = {
			type: "session.opened",
			data: {
				session: "cut",
				kind: "drill",
				runbook: { path: "x.md", digest: "0".repeat(64) },
				title: { content: "x" },
				source: { content: "x" },
				outline: { content: "[]" },
			},
		};
		const [event] = await folder.events.append("cut", 0, [toAppend(opened)]);
		if (!event) throw new Error("nothing was written");
		expect(missingSessionHeads(folder.events)).toEqual([sessionHead(event)]);
		expect(session).toBe("whole");
	});
});

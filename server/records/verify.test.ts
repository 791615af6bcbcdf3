import { createHash } from "node:crypto";
import {
	copyFileSync,
	cpSync,
	existsSync,
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
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomMutation, seededRandom } from "../../test/support/mutations.ts";
import { openSampleFolder, type SampleSession, writeSampleSession } from "../../test/support/sample-record.ts";
import { exportSession } from "./export.ts";
import { verifyPath } from "./verify.ts";

const root = mkdtempSync(join(tmpdir(), "runledger-verify-test-"));
const data = join(root, "data");
const exported = join(root, "exported");
const archive = join(root, "exported.zip");
let first: SampleSession;

beforeAll(async () => {
	const folder = await openSampleFolder(data);
	first = await writeSampleSession(folder, "first");
	await writeSampleSession(folder, "second");
	await writeSampleSession(folder, "open", { close: false });
	await exportSession(folder.events, folder.recordings, "first", exported);
	await exportSession(folder.events, folder.recordings, "first", archive);
	await folder.close();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("a record as it was written", () => {
	test("is whole as a data folder, an exported folder and an archive", async () => {
		const folder = await verifyPath(data);
		expect(folder).toMatchObject({ ok: true, firstBad: null, reason: null, checked: { recordings: 9 } });
		expect(folder.checked.events).toBe(3 * 14 - 1 + 5);
		for (const path of [exported, archive]) {
			const report = await verifyPath(path);
			expect(report).toMatchObject({ ok: true, firstBad: null, checked: { events: 14, recordings: 3 } });
			expect(Object.keys(report)).toEqual(["ok", "checked", "firstBad", "reason", "cannotTell"]);
		}
	});

	test("always comes with what can't be told of it", async () => {
		const { cannotTell } = await verifyPath(data);
		expect(cannotTell.join("\n")).toMatch(/end was cut off.*1 session is open/);
		expect(cannotTell.join("\n")).toMatch(/root/);
		expect(cannotTell.join("\n")).toMatch(/self-declared/);
		expect((await verifyPath(exported)).cannotTell.join("\n")).toMatch(/other sessions/);
	});

	test("is not changed by verifying it", async () => {
		const before = snapshot(data);
		await verifyPath(data);
		expect(snapshot(data)).toEqual(before);
	});

	test("is exported with an account that names who did what, and with what sha256sum can check", () => {
		const account = readFileSync(join(exported, "account.txt"), "utf8");
		expect(account).toMatch(/Ada: step look started as run run-first-1/);
		expect(account).toMatch(/echo run-first-1/);
		expect(account).toMatch(/closed the session: resolved/);
		expect(account).toMatch(/What this record can't tell/);
		expect(readFileSync(join(exported, "MANIFEST.sha256"), "utf8")).toMatch(/^[0-9a-f]{64} {2}account\.txt$/m);
	});
});

describe("an exported record", () => {
	test("of which anything was changed is found out, 150 times, with the place named", async () => {
		const random = seededRandom(20_261_121);
		const missed: string[] = [];
		for (let i = 0; i < 150; i += 1) {
			const mutation = randomMutation(exported, "first", random);
			mutation.apply();
			const { ok, firstBad } = await verifyPath(exported);
			mutation.undo();
			if (ok || !firstBad || !mutation.names(firstBad)) {
				missed.push(`${mutation.words}: ${ok ? "not found" : JSON.stringify(firstBad)}`);
			}
		}
		expect(missed).toEqual([]);
		expect((await verifyPath(exported)).ok).toBe(true);
	});

	test("as an archive with any bit flipped is found out", async () => {
		const random = seededRandom(7);
		const copy = join(root, "mutated.zip");
		const bytes = readFileSync(archive);
		const missed: number[] = [];
		for (let i = 0; i < 150; i += 1) {
			// Half of them in the archive's own directory, which no content covers.
			const at = i % 2 === 0 ? random(bytes.length) : bytes.length - 1 - random(1200);
			const changed = Buffer.from(bytes);
			changed[at] = (changed[at] ?? 0) ^ (1 << random(8));
			writeFileSync(copy, changed);
			if ((await verifyPath(copy)).ok) missed.push(at);
		}
		expect(missed).toEqual([]);
	});

	test("whose last events were cut off is found out by the closing head, even when its manifest was made anew", async () => {
		const cut = join(root, "cut");
		cpSync(exported, cut, { recursive: true });
		const lines = readFileSync(join(cut, "events.jsonl"), "utf8").split("\n").slice(0, -2);
		writeFileSync(join(cut, "events.jsonl"), `${lines.join("\n")}\n`);
		expect(await verifyPath(cut)).toMatchObject({ ok: false, firstBad: { stream: "first", seq: 14 } });
		await forgeManifest(cut, "first");
		expect(await verifyPath(cut)).toMatchObject({
			ok: false,
			firstBad: { stream: "first", seq: 14 },
			reason: expect.stringMatching(/server's stream/),
		});
	});

	test("with a folder in place of a file, or one that no export has, names it", async () => {
		const recording = `recordings/first.${first.runs[1]}.cast`;
		for (const [file, place] of [
			["runbook.md", { file: "runbook.md" }],
			["more", { file: "more" }],
			["attachments/foo", { file: "attachments/foo" }],
			[recording, { recording }],
		] as const) {
			const copy = join(root, `folder-${file.replaceAll("/", "-")}`);
			cpSync(exported, copy, { recursive: true });
			rmSync(join(copy, file), { force: true });
			mkdirSync(join(copy, file));
			expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: place });
		}
	});

	describe("whose manifest was made anew", () => {
		let copies = 0;
		const forged = async (change: (folder: string) => void, more: string[] = []): Promise<string> => {
			const copy = join(root, `forged-${copies++}`);
			cpSync(exported, copy, { recursive: true });
			change(copy);
			await forgeManifest(copy, "first", more);
			return copy;
		};

		test("is whole when nothing else was changed", async () => {
			expect(await verifyPath(await forged(() => {}))).toMatchObject({ ok: true });
		});

		test.each([["events.jsonl"], ["content.jsonl"], ["server-heads.jsonl"], ["runbook.md"], ["account.txt"]])(
			"names %s when it was taken away",
			async (file) => {
				const copy = await forged((folder) => rmSync(join(folder, file)));
				expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { file } });
			},
		);

		test("names a runbook that is not the one that was opened", async () => {
			const copy = await forged((folder) => writeFileSync(join(folder, "runbook.md"), "# Another\n"));
			expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { file: "runbook.md" } });
		});

		test("names the server's heads when they were emptied, or one of them taken out", async () => {
			const heads = readFileSync(join(exported, "server-heads.jsonl"), "utf8").split("\n").slice(0, -1);
			expect(heads.length).toBe(2);
			for (const left of [[], heads.slice(0, 1), heads.slice(1)]) {
				const copy = await forged((folder) =>
					writeFileSync(join(folder, "server-heads.jsonl"), left.map((line) => `${line}\n`).join("")),
				);
				expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { file: "server-heads.jsonl" } });
			}
		});

		test("names an account that tells something else than the events", async () => {
			const account = readFileSync(join(exported, "account.txt"), "utf8");
			for (const other of [
				account.replace("Ada: step look started", "Eve: step look started"),
				account.replace("Account form 1", "Account form 2").replace("Ada", "Eve"),
				"",
			]) {
				expect(other).not.toBe(account);
				const copy = await forged((folder) => writeFileSync(join(folder, "account.txt"), other));
				expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { file: "account.txt" } });
			}
		});

		test("says that its account can't be made anew when a text that it was made of is erased", async () => {
			const copy = await forged((folder) => {
				const path = join(folder, "content.jsonl");
				const lines = readFileSync(path, "utf8").split("\n");
				const at = lines.findIndex((line) => line.includes("The replicas caught up."));
				const { ref } = JSON.parse(lines[at] ?? "{}") as { ref: string };
				writeFileSync(path, lines.with(at, JSON.stringify({ erased: true, ref })).join("\n"));
			});
			const { ok, cannotTell } = await verifyPath(copy);
			expect(ok).toBe(true);
			expect(cannotTell.join("\n")).toMatch(/Whether account\.txt tells what the events tell/);
		});

		test("names a file that no event calls for", async () => {
			const text = "not of this record";
			const attachment = `attachments/${createHash("sha256").update(text).digest("hex")}`;
			for (const file of ["x.html", attachment]) {
				const copy = await forged((folder) => writeFileSync(join(folder, file), text), [file]);
				expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { file } });
			}
			for (const recording of [`recordings/first.run-none.cast`, `recordings/other.${first.runs[0]}.cast`]) {
				const copy = await forged((folder) => writeFileSync(join(folder, recording), text), [recording]);
				expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { recording } });
			}
		});
	});
});

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
		const { eventHash } = await import("../../core/record/event-hash.ts");
		const { nodeRecordCrypto } = await import("./node-record-crypto.ts");
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

	test("with an attachment altered or taken away names it", async () => {
		const file = `attachments/${first.attachment}`;
		const altered = tampered((_database, folder) => writeFileSync(join(folder, file), "another picture"));
		expect(await verifyPath(altered)).toMatchObject({ ok: false, firstBad: { file } });
		const gone = tampered((_database, folder) => rmSync(join(folder, file)));
		expect(await verifyPath(gone)).toMatchObject({ ok: false, firstBad: { file } });
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

	test("with an erased text is whole, and says so", async () => {
		const copy = join(root, "erased");
		cpSync(data, copy, { recursive: true });
		const folder = await openSampleFolder(copy);
		const closed = folder.events.read("first").at(-1)?.data.summary as { ref: string };
		await folder.events.erase(closed.ref);
		await exportSession(folder.events, folder.recordings, "first", join(root, "erased.zip"));
		await folder.close();
		for (const path of [copy, join(root, "erased.zip")]) {
			const report = await verifyPath(path);
			expect(report.ok).toBe(true);
			expect(report.cannotTell.join("\n")).toMatch(/1 erased text/);
		}
		const left = readdirSync(copy).filter(
			(name) =>
				statSync(join(copy, name)).isFile() && readFileSync(join(copy, name), "latin1").includes("well with first"),
		);
		expect(left).toEqual([]);
	});
});

test("a path with nothing, or with something else, is refused in words", async () => {
	await expect(verifyPath(join(root, "nowhere"))).rejects.toMatchObject({ problem: { code: "not-found" } });
	await expect(verifyPath(import.meta.dirname)).rejects.toMatchObject({ problem: { code: "bad-request" } });
});

function snapshot(folder: string): [string, string][] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && !entry.name.endsWith("-shm") && !entry.name.endsWith("-wal"))
		.map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name)).toString("base64")]);
}

/** What somebody does who cuts events off and hides it: a manifest that fits what is left. */
async function forgeManifest(folder: string, session: string, more: readonly string[] = []): Promise<void> {
	const { formatManifest, parseManifest } = await import("../../core/record/manifest.ts");
	const { eventHash } = await import("../../core/record/event-hash.ts");
	const { nodeRecordCrypto } = await import("./node-record-crypto.ts");
	const path = join(folder, "MANIFEST.sha256");
	const manifest = parseManifest(readFileSync(path), nodeRecordCrypto);
	const files = new Map(
		[...manifest.files.keys(), ...more]
			.filter((file) => existsSync(join(folder, file)))
			.map((file) => [
				file,
				createHash("sha256")
					.update(readFileSync(join(folder, file)))
					.digest("hex"),
			]),
	);
	const events = readFileSync(
		join(existsSync(join(folder, "events.jsonl")) ? folder : exported, "events.jsonl"),
		"utf8",
	)
		.split("\n")
		.slice(0, -1);
	const last = Buffer.from(events.at(-1) ?? "");
	const head = { stream: session, seq: events.length, hash: eventHash(last, nodeRecordCrypto.sha256) };
	writeFileSync(path, formatManifest({ files, head }, nodeRecordCrypto));
}

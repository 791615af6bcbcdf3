import { createHash } from "node:crypto";
import {
	appendFileSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accountForm } from "../../core/record/account.ts";
import { randomMutation, seededRandom } from "../../test/support/mutations.ts";
import { type SampleSession, writeSampleRecord } from "../../test/support/sample-record.ts";
import { exportSession } from "./export.ts";
import { verifyPath } from "./verify.ts";

const root = mkdtempSync(join(tmpdir(), "runledger-verify-test-"));
const data = join(root, "data");
const exported = join(root, "exported");
const archive = join(root, "exported.zip");
let first: SampleSession;

beforeAll(async () => {
	const record = await writeSampleRecord(data);
	first = record.first;
	await exportSession(record.folder.events, record.folder.recordings, "first", exported);
	await exportSession(record.folder.events, record.folder.recordings, "first", archive);
	await record.folder.close();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test("an export with an attachment taken away still names an account that tells something else", async () => {
	const copy = join(root, "hidden");
	cpSync(exported, copy, { recursive: true });
	rmSync(join(copy, "attachments", first.attachment));
	expect(await verifyPath(copy)).toMatchObject({ firstBad: { file: `attachments/${first.attachment}` } });
	const told = readFileSync(join(copy, "account.txt"), "utf8").replace("noted", "said");
	writeFileSync(join(copy, "account.txt"), told);
	expect(await verifyPath(copy)).toMatchObject({ firstBad: { file: "account.txt" } });
});

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
		expect(account).toMatch(/system: step look started as run run-first-1/);
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
				account.replace("step look started", "step fence started"),
				// Whatever form it says that it has, or none, or two: these words are not the events'.
				...[0, 1, 2, 99, -1, "1\nAccount form 1", ""].map((form) => `Nothing bad happened.\n\nAccount form ${form}\n`),
				"Nothing bad happened.\n",
				account.replace("Account form 1", "Account form 0"),
				`${account}Account form 1\n`,
				account.replace(/Account form (\d+)/, (_, form) => `Account form ${Number(form) + 1}`).replace("Ada", "Eve"),
				"",
			]) {
				expect(other).not.toBe(account);
				const copy = await forged((folder) => writeFileSync(join(folder, "account.txt"), other));
				const claimed = Number(/\nAccount form (\d+)\n$/.exec(other)?.[1] ?? 0);
				expect(await verifyPath(copy)).toMatchObject({
					ok: false,
					firstBad: { file: "account.txt" },
					reason: expect.stringContaining(
						claimed > accountForm ? "or a newer version wrote it" : "what the events tell",
					),
				});
			}
		});

		test("names the server's heads when a line was altered, doubled or moved; their times it says that it can't tell", async () => {
			const path = "server-heads.jsonl";
			const lines = readFileSync(join(exported, path), "utf8").split("\n").slice(0, -1);
			const [opened = "", closed = ""] = lines;
			const head = JSON.parse(opened) as { mono: string; seq: number };
			const at = (line: string, seq: number) => line.replace(/"seq":\d+,"stream"/, `"seq":${seq},"stream"`);
			const altered: [string[], RegExp][] = [
				[[opened, closed, closed], /twice, or out of its order/],
				[[opened, opened, closed], /twice, or out of its order/],
				[[closed, opened], /twice, or out of its order/],
				[[opened, closed, at(closed, head.seq + 50)], /stands there twice/],
				[[opened, closed.replace('"id":"system"', '"id":"person-1"')], /not the server's own/],
				[[opened, closed.replace('"issuer":"runledger"', '"issuer":"another"')], /not the server's own/],
				[[opened, closed.replace('"signIn":"system"', '"signIn":"another"')], /not the server's own/],
				[[opened, closed.replace('"assurance":"verified"', '"assurance":"self-declared"')], /not the server's own/],
				[[opened, closed.replace('"roles":[]', '"roles":["responder"]')], /not the server's own/],
				[[opened, closed.replace(/"mono":"\d+"/, `"mono":"${head.mono}"`)], /older than what it tells of/],
				[[opened, closed.replace(/"mono":"\d+"/, '"mono":"1"')], /earlier than the line before/],
				[[opened, at(closed, 1)], /out of its order/],
				[
					[opened, at(closed, head.seq + 1).replace(/"prev":"[0-9a-f]{4}/, '"prev":"0000')],
					/the link to the line before/,
				],
				[
					[
						opened.replace('"at":"opened"', '"at":"closed"'),
						at(closed.replace('"at":"closed"', '"at":"opened"'), head.seq + 50),
					],
					/of another event/,
				],
				[[opened, closed.replace(/"hash":"[0-9a-f]{4}/, '"hash":"0000')], /holds another hash/],
				[[opened, closed.replace('"session":"first"', '"session":"other"')], /not the head of this session/],
				[[opened, closed.replace('"type":"session.head"', '"type":"server.stopped"')], /not the head of this session/],
			];
			for (const [other, reason] of altered) {
				const copy = await forged((folder) =>
					writeFileSync(join(folder, path), other.map((line) => `${line}\n`).join("")),
				);
				expect(await verifyPath(copy), other.join("\n")).toMatchObject({
					ok: false,
					reason: expect.stringMatching(reason),
				});
			}
			expect((await verifyPath(exported)).cannotTell.join("\n")).toMatch(/server-heads\.jsonl.*times/);
		});

		test("names the event of which a text is marked as erased, whatever its account then says", async () => {
			const copy = await forged((folder) => {
				writeFileSync(join(folder, "account.txt"), "All steps succeeded.\n\nAccount form 1\n");
				const path = join(folder, "content.jsonl");
				const lines = readFileSync(path, "utf8").split("\n");
				const at = lines.findIndex((line) => line.includes("The replicas caught up."));
				const { ref } = JSON.parse(lines[at] ?? "{}") as { ref: string };
				writeFileSync(path, lines.with(at, JSON.stringify({ erased: true, ref })).join("\n"));
			});
			expect(await verifyPath(copy)).toMatchObject({ ok: false, firstBad: { stream: "first", seq: 13 } });
		});

		test("names the texts when one was added, by its own line or a second time", async () => {
			const added = JSON.stringify({ content: "x", ref: "0".repeat(64), salt: "00".repeat(32) });
			const again = readFileSync(join(exported, "content.jsonl"), "utf8").split("\n")[0] ?? "";
			for (const [line, reason] of [
				[added, /no event refers to it/],
				[again, /stands there twice/],
				[added.replace('{"', '{ "'), /not of the form/],
			] as const) {
				const copy = await forged((folder) => appendFileSync(join(folder, "content.jsonl"), `${line}\n`));
				expect(await verifyPath(copy)).toMatchObject({
					firstBad: { file: "content.jsonl" },
					reason: expect.stringMatching(reason),
				});
			}
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

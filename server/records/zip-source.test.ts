import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import yazl from "yazl";
import { openSampleFolder, writeSampleSession } from "../../test/support/sample-record.ts";
import { exportSession } from "./export.ts";
import { verifyPath } from "./verify.ts";

const root = mkdtempSync(join(tmpdir(), "runledger-zip-"));

beforeAll(async () => {
	const folder = await openSampleFolder(join(root, "data"));
	await writeSampleSession(folder, "sample");
	await exportSession(folder.events, folder.recordings, "sample", join(root, "sample"));
	await exportSession(folder.events, folder.recordings, "sample", join(root, "sample.zip"));
	await folder.close();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function zipOf(name: string, entries: [string, Buffer, boolean][]): Promise<string> {
	const path = join(root, name);
	const zip = new yazl.ZipFile();
	for (const [file, bytes, compress] of entries) zip.addBuffer(bytes, file, { compress });
	zip.end();
	await pipeline(zip.outputStream, createWriteStream(path));
	return path;
}

/** Every copy of a name in an archive, replaced by one of the same length, as a hostile hand would. */
function renamed(path: string, from: string, to: string): string {
	writeFileSync(path, Buffer.from(readFileSync(path, "latin1").replaceAll(from, to), "latin1"));
	return path;
}

describe("a hostile archive", () => {
	test("that is none at all is refused in one sentence with one full stop", async () => {
		const path = join(root, "none.zip");
		writeFileSync(path, "this is no archive, though it is longer than the end of one");
		const report = await verifyPath(path);
		expect(report).toMatchObject({ ok: false, firstBad: { file: "none.zip" } });
		expect(report.reason).toMatch(/[^.]\.$/);
	});

	test.each(["../escaped.txt", "/absolute.txt", "a/../../up.txt", "C:\\windows.txt", "recordings/../x.txt"])(
		"with an entry named %s is refused, and nothing is written",
		async (name) => {
			const path = renamed(
				await zipOf("slip.zip", [["x".repeat(name.length), Buffer.from("evil"), false]]),
				"x".repeat(name.length),
				name,
			);
			const before = readdirSync(root).sort();
			const report = await verifyPath(path);
			expect(report).toMatchObject({ ok: false, firstBad: { file: "slip.zip" } });
			expect(readdirSync(root).sort()).toEqual(before);
		},
	);

	test.each([
		"another/events.jsonl",
		"recordings/a/b.cast",
		".events.jsonl",
		"events of mine.jsonl",
		"événements.jsonl",
	])("with an entry named %s, which no export has, is refused by that name", async (name) => {
		const path = await zipOf("name.zip", [[name, Buffer.from("evil"), false]]);
		const reason = expect.stringContaining(`an entry has the name ${JSON.stringify(name)}`);
		expect(await verifyPath(path)).toMatchObject({ ok: false, firstBad: { file: "name.zip" }, reason });
	});

	test("that would swell is refused before a byte of it is unpacked", async () => {
		const path = await zipOf("bomb.zip", [["events.jsonl", Buffer.alloc(200 * 2 ** 20), true]]);
		const before = process.memoryUsage.rss();
		const begin = performance.now();
		expect(await verifyPath(path)).toMatchObject({ ok: false, reason: expect.stringMatching(/not stored plainly/) });
		expect(performance.now() - begin).toBeLessThan(1000);
		expect(process.memoryUsage.rss() - before).toBeLessThan(50 * 2 ** 20);
	});

	test("whose entries lie over each other to be longer than the archive is refused", async () => {
		const path = await zipOf("overlap.zip", [
			["a.txt", Buffer.alloc(1000), false],
			["b.txt", Buffer.alloc(1000), false],
		]);
		const bytes = readFileSync(path);
		// The second entry of the directory says the first one's place, and both say they are long.
		for (
			let at = bytes.indexOf("PK\x01\x02", 0, "latin1");
			at !== -1;
			at = bytes.indexOf("PK\x01\x02", at + 4, "latin1")
		) {
			bytes.writeUInt32LE(1_900, at + 20);
			bytes.writeUInt32LE(1_900, at + 24);
			bytes.writeUInt32LE(0, at + 42);
		}
		writeFileSync(path, bytes);
		expect(await verifyPath(path)).toMatchObject({ ok: false, reason: expect.stringMatching(/longer than itself/) });
	});

	test("with a name twice is refused", async () => {
		const path = renamed(
			await zipOf("twice.zip", [
				["events.jsonl", Buffer.from("a"), false],
				["eventx.jsonl", Buffer.from("b"), false],
			]),
			"eventx",
			"events",
		);
		expect(await verifyPath(path)).toMatchObject({ ok: false, reason: expect.stringMatching(/twice/) });
	});

	test("that is none, or is cut, or holds nothing of ours is reported, not thrown", async () => {
		const path = join(root, "none.zip");
		for (const bytes of [
			Buffer.from("no archive"),
			Buffer.alloc(0),
			readFileSync(join(root, "sample.zip")).subarray(0, -50),
		]) {
			writeFileSync(path, bytes);
			expect(await verifyPath(path)).toMatchObject({ ok: false, firstBad: { file: "none.zip" } });
		}
		const other = await zipOf("other.zip", [["readme.txt", Buffer.from("hello"), false]]);
		expect(await verifyPath(other)).toMatchObject({ ok: false, firstBad: { file: "MANIFEST.sha256" } });
	});
});

test("an archive packed anew from the same files says that it was, and how to verify it", async () => {
	const folder = join(root, "sample");
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	const entries = files.map((entry): [string, Buffer, boolean] => {
		const path = join(entry.parentPath, entry.name);
		return [path.slice(folder.length + 1), readFileSync(path), false];
	});
	const report = await verifyPath(await zipOf("anew.zip", entries));
	expect(report).toMatchObject({
		ok: false,
		firstBad: { file: "anew.zip" },
		reason: expect.stringMatching(/unpacked/),
	});
});

test("an exported folder with a link in it is refused: links are not followed", async () => {
	const link = join(root, "sample", "link.txt");
	symlinkSync("/etc/passwd", link);
	expect(await verifyPath(join(root, "sample"))).toMatchObject({ ok: false, firstBad: { file: "link.txt" } });
	rmSync(link);
	expect(await verifyPath(join(root, "sample"))).toMatchObject({ ok: true });
});

test("an export is refused where something is already, and of a session that is not there", async () => {
	const folder = await openSampleFolder(join(root, "data"));
	const out = (session: string, path: string) =>
		exportSession(folder.events, folder.recordings, session, join(root, path));
	await expect(out("sample", "sample.zip")).rejects.toMatchObject({ problem: { code: "usage" } });
	await expect(out("sample", "sample")).rejects.toMatchObject({ problem: { code: "usage" } });
	await expect(out("nobody", "new.zip")).rejects.toMatchObject({ problem: { code: "session-unknown" } });
	await expect(out("server", "new.zip")).rejects.toMatchObject({ problem: { code: "session-unknown" } });
	await folder.close();
	expect(readdirSync(root).filter((name) => name.includes("partial"))).toEqual([]);
});

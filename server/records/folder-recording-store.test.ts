import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderRecordingStore } from "./folder-recording-store.ts";

let root: string;
let store: FolderRecordingStore;

beforeEach(async () => {
	root = mkdtempSync(join(tmpdir(), "runledger-recordings-"));
	store = await FolderRecordingStore.open(root);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

test("a recording is sealed with the digest and length of all that was appended", async () => {
	const writer = await store.create("s1", "r1");
	await writer.append(Buffer.from("one\n"));
	await writer.sync();
	await writer.append(Buffer.alloc(0));
	await writer.append(Buffer.from("two\n"));
	expect(writer.bytes).toBe(8);
	expect(await writer.seal()).toEqual({ file: "recordings/s1.r1.cast", sha256: digest("one\ntwo\n"), bytes: 8 });
	await expect(writer.append(Buffer.from("three\n"))).rejects.toMatchObject({ problem: { code: "record-unwritable" } });
});

test("a recording is read while it is written, in ranges as far as it goes", async () => {
	const writer = await store.create("s1", "r1");
	await writer.append(Buffer.from("0123456789"));
	const read = async (start?: number, end?: number) => Buffer.from(await store.read("s1", "r1", start, end)).toString();
	expect(await read()).toBe("0123456789");
	expect(await read(3, 5)).toBe("34");
	expect(await read(8, 100)).toBe("89");
	expect(await read(50)).toBe("");
	expect(await store.size("s1", "r1")).toBe(10);
	await writer.seal();
});

test("what there is none of has no size, and reading it is refused", async () => {
	expect(await store.size("s1", "r1")).toBeNull();
	expect(await store.recover("s1", "r1")).toBeNull();
	await expect(store.read("s1", "r1")).rejects.toMatchObject({ problem: { code: "not-found" } });
});

test("a run has one recording", async () => {
	await (await store.create("s1", "r1")).seal();
	await expect(store.create("s1", "r1")).rejects.toMatchObject({ problem: { code: "record-conflict" } });
});

test("recordings are listed by session, one whose name begins with another's apart", async () => {
	for (const [session, run] of [
		["s1", "r1"],
		["s1", "r2"],
		["s10", "r3"],
	] as const) {
		await (await store.create(session, run)).seal();
	}
	expect(await store.list("s1")).toEqual(["r1", "r2"]);
	expect(await store.list("s10")).toEqual(["r3"]);
	expect(await store.list("s2")).toEqual([]);
});

test("ids that would name another place are refused", async () => {
	for (const id of ["..", "../x", "a/b", "", "a.b", "a\0", "x".repeat(200)]) {
		await expect(store.create("s1", id)).rejects.toMatchObject({ problem: { code: "bad-request" } });
		await expect(store.size(id, "r1")).rejects.toMatchObject({ problem: { code: "bad-request" } });
	}
	expect(readdirSync(join(root, "recordings"))).toEqual([]);
});

test("what a death has left is sealed up to its last whole line, the same each time", async () => {
	const writer = await store.create("s1", "r1");
	await writer.append(Buffer.from("one\ntwo\n"));
	appendFileSync(join(root, "recordings/s1.r1.cast"), "half of thr");
	const sealed = { file: "recordings/s1.r1.cast", sha256: digest("one\ntwo\n"), bytes: 8 };
	expect(await store.recover("s1", "r1")).toEqual(sealed);
	expect(await store.recover("s1", "r1")).toEqual(sealed);
	expect(statSync(join(root, "recordings/s1.r1.cast")).size).toBe(8);
	writeFileSync(join(root, "recordings/s1.r2.cast"), `header\n${"x".repeat(200_000)}`);
	expect(await store.recover("s1", "r2")).toMatchObject({ sha256: digest("header\n"), bytes: 7 });
	writeFileSync(join(root, "recordings/s1.r3.cast"), "no line at all");
	expect(await store.recover("s1", "r3")).toMatchObject({ sha256: digest(""), bytes: 0 });
});

test("an attachment is kept once, whole, under its digest, for its owner only", async () => {
	const sha256 = await store.putAttachment(Buffer.from("picture"));
	expect(await store.putAttachment(Buffer.from("picture"))).toBe(sha256);
	expect(sha256).toBe(digest("picture"));
	expect(Buffer.from((await store.readAttachment(sha256)) ?? []).toString()).toBe("picture");
	expect(await store.readAttachment("0".repeat(64))).toBeNull();
	expect(await store.readAttachment("../recordings")).toBeNull();
	expect(readdirSync(join(root, "attachments"))).toEqual([sha256]);
	expect(statSync(join(root, "attachments", sha256)).mode & 0o777).toBe(0o600);
	expect(statSync(join(root, "attachments")).mode & 0o777).toBe(0o700);
});

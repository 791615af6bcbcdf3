import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { ZipFile } from "yazl";
import { zipFiles } from "./zip-files.ts";

async function zipOf(files: Record<string, { content: Buffer; compress: boolean }>): Promise<Uint8Array> {
	const zip = new ZipFile();
	for (const [name, { content, compress }] of Object.entries(files)) zip.addBuffer(content, name, { compress });
	zip.end();
	const parts: Buffer[] = [];
	for await (const part of zip.outputStream) parts.push(part as Buffer);
	return new Uint8Array(Buffer.concat(parts));
}

async function read(content: AsyncIterable<Uint8Array> | null): Promise<Buffer | null> {
	if (!content) return null;
	const parts: Uint8Array[] = [];
	for await (const part of content) parts.push(part);
	return Buffer.concat(parts);
}

const random = randomBytes(100_000);
const text = Buffer.from("a line\n".repeat(50_000));

it("stored and deflated files come out as they went in", async () => {
	const files = zipFiles(
		await zipOf({
			"events.jsonl": { content: text, compress: true },
			"recordings/r1.cast": { content: random, compress: false },
		}),
	);
	expect(files.list().sort()).toEqual(["events.jsonl", "recordings/r1.cast"]);
	expect(await read(files.open("events.jsonl"))).toEqual(text);
	expect(await read(files.open("recordings/r1.cast"))).toEqual(random);
	expect(files.open("other")).toBeNull();
});

it("an archive that is cut off, or is none, is said to be broken", async () => {
	const zip = await zipOf({ "a.txt": { content: random, compress: false } });
	expect(() => zipFiles(zip.subarray(0, zip.length - 30))).toThrow("it has no end");
	expect(() => zipFiles(new Uint8Array(5))).toThrow("it has no end");
});

it("packed bytes that were altered are found, or come out altered, and never hang", async () => {
	const zip = await zipOf({ "a.txt": { content: text, compress: true } });
	for (let at = 40; at < 140; at++) {
		const altered = zip.slice();
		altered[at] = (altered[at] ?? 0) ^ 0x5a;
		const outcome = await read(zipFiles(altered).open("a.txt")).catch((error: Error) => error.message);
		if (outcome instanceof Buffer) expect(outcome.equals(text)).toBe(false);
		else expect(outcome).toMatch(/^The export can't be read: a\.txt/);
	}
});

import { expect, test } from "vitest";
import { ByteLog } from "./byte-log.ts";
import { createScreens } from "./screens.ts";

const size = { cols: 80, rows: 24 };

test("older bytes are read by one at a time, and not for somebody who has gone", async () => {
	let reading = 0;
	let most = 0;
	let reads = 0;
	const log = new ByteLog({
		channel: 1,
		...size,
		windowBytes: 10,
		async readRecording() {
			reads++;
			most = Math.max(most, ++reading);
			await new Promise((resolve) => setImmediate(resolve));
			reading--;
			return Buffer.from('[0.1, "o", "first"]\n');
		},
	});
	log.append(Buffer.from("first"), 0, 20);
	const all = await Promise.all(Array.from({ length: 50 }, (_, i) => log.readOlder(0, () => i % 10 === 0)));
	expect(most).toBe(1);
	expect(reads).toBe(5);
	expect(all.filter((bytes) => bytes.length > 0)).toHaveLength(5);
});

test("of sizes without a byte between them the last stays", () => {
	const log = new ByteLog({ channel: 1, ...size, windowBytes: 10, readRecording: async () => new Uint8Array(0) });
	log.append(Buffer.from("x"), 0, 1);
	const before = log.size;
	for (let cols = 1; cols <= 100; cols++) {
		log.resize(cols, 9);
	}
	expect(log.sizeAt(0)).toBe(before);
	expect(log.sizeAt(1)).toEqual({ offset: 1, cols: 100, rows: 9 });
	expect(log.size).toBe(log.sizeAt(1));
});

test("who asks for a screen that is being read gets the same one", async () => {
	const screens = createScreens(() => performance.now());
	const log = new ByteLog({ channel: 1, ...size, windowBytes: 1000, readRecording: async () => new Uint8Array(0) });
	log.append(Buffer.from("what is there"), 0, 1);
	const asked = Array.from({ length: 100 }, () => screens.snapshot(log));
	expect(new Set(asked).size).toBe(1);
	log.finish();
	expect(Buffer.from((await asked[0])!.screen).toString()).toContain("what is there");
	expect(Buffer.from((await screens.snapshot(log)).screen).toString()).toContain("what is there");
	await screens.close();
});

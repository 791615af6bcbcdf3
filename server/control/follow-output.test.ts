import { expect, test } from "vitest";
import { ByteLog } from "../terminals/byte-log.ts";
import { followOutput } from "./follow-output.ts";

test("a recording that can't be read ends what is handed on, and nothing else", async () => {
	let reads = 0;
	const log = new ByteLog({
		channel: 1,
		cols: 80,
		rows: 24,
		windowBytes: 10,
		async readRecording() {
			reads++;
			throw new Error("EIO: i/o error, read");
		},
	});
	log.append(Buffer.from("first"), 0, 20);
	log.append(Buffer.from("second"), 20, 40);
	const heard: string[] = [];
	followOutput(log, (bytes) => heard.push(Buffer.from(bytes).toString()));
	await expect.poll(() => reads).toBe(1);
	await new Promise((resolve) => setImmediate(resolve));
	log.append(Buffer.from("third"), 40, 60);
	expect(heard).toEqual([]);
	expect(reads).toBe(1);
});

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { decodeRecording, recordingBytes } from "../../core/recording.ts";
import { createFileRecordings, type FileRecordings } from "../../test/support/file-recordings.ts";
import { linuxPlatform } from "./platform-linux.ts";
import { openRunTerminal, type RunTerminalHandle, type RunTerminalOptions } from "./run-terminal.ts";

const clock = { now: () => new Date(), monotonicMs: () => performance.now() };

let recordings: FileRecordings;
let counter = 0;

beforeAll(async () => {
	recordings = await createFileRecordings();
});
beforeEach(() => {
	recordings.failure = null;
});
afterAll(() => recordings.remove());

function open(more: Partial<RunTerminalOptions> = {}): Promise<RunTerminalHandle> {
	return openRunTerminal({
		session: "s",
		run: `run-${process.pid}-${++counter}`,
		recordings,
		signal: new AbortController().signal,
		platform: linuxPlatform,
		clock,
		cols: 80,
		rows: 24,
		...more,
	});
}

function bash(terminal: RunTerminalHandle, script: string, more: { channels?: number } = {}) {
	return terminal.spawn({
		file: "bash",
		args: ["--noprofile", "--norc", "-c", script],
		env: { PATH: process.env.PATH!, LANG: "C.UTF-8" },
		cwd: "/",
		...more,
	});
}

async function recorded(terminal: RunTerminalHandle) {
	return decodeRecording(await readFile(recordings.file(terminal.run), "utf8"));
}

async function outputOf(script: string): Promise<Buffer> {
	const terminal = await open();
	await bash(terminal, script);
	const summary = await terminal.finish(0);
	const { events, complete } = await recorded(terminal);
	const bytes = recordingBytes(events);
	expect(complete).toBe(true);
	expect(summary.outputBytes).toBe(bytes.length);
	expect(Buffer.from(terminal.log.tail(1e9)).equals(bytes)).toBe(true);
	return Buffer.from(bytes);
}

describe("the last bytes", () => {
	const sequence = Array.from({ length: 2000 }, (_, i) => `${i + 1}\n`).join("");
	test.each([
		["seq 2000", "stty -opost; seq 2000", Buffer.from(sequence)],
		["one byte", "printf x", Buffer.from("x")],
		["nothing", "true", Buffer.alloc(0)],
		["bytes that are not UTF-8", "stty -opost; printf '\\377\\376a\\200\\303'", Buffer.from([255, 254, 97, 128, 0xc3])],
		["20,000 random bytes", "stty -opost; head -c 20000 /dev/zero | tr '\\0' '\\351'", Buffer.alloc(20000, 0xe9)],
	])("no byte of %s is lost, 20 times", async (_name, script, expected) => {
		for (let i = 0; i < 20; i++) {
			expect((await outputOf(script)).equals(expected)).toBe(true);
		}
	});

	test("what a background process wrote before the exit is there too", async () => {
		expect((await outputOf("(printf late) & wait; printf ' end'")).toString()).toBe("late end");
	});
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProblemError } from "./problem.ts";
import { createRecordingEncoder, decodeRecording, decodeRecordingPart, recordingBytes } from "./recording.ts";
import { encodeUtf8, incompleteUtf8Tail } from "./utf8.ts";

const header = { cols: 80, rows: 24, startedAt: 1_700_000_000 };

function encodePieces(pieces: readonly Uint8Array[]): string {
	const encoder = createRecordingEncoder();
	return encoder.header(header) + pieces.map((piece, i) => encoder.output(piece, i * 7)).join("");
}

describe("a recording", () => {
	test("is asciicast v3 that players read, with exact bytes beside what is not UTF-8", () => {
		const encoder = createRecordingEncoder();
		const text = [
			encoder.header({ ...header, title: "check" }),
			encoder.output(encodeUtf8("héllo\r\n"), 12),
			encoder.output(Uint8Array.of(0xff, 0x61), 1512),
			encoder.input("alice", 3, 1600),
			encoder.resize(100, 40, 1700),
			encoder.marker("sent 1", 1700),
			encoder.exit(0, 2000),
		].join("");
		expect(text.split("\n")).toEqual([
			'{"version":3,"term":{"cols":80,"rows":24,"type":"xterm-256color"},"timestamp":1700000000,"title":"check"}',
			'[0.012,"o","héllo\\r\\n"]',
			'[1.5,"o","\ufffda"]',
			"# b64 /2E=",
			'# input {"atMs":1600,"who":"alice","bytes":3}',
			'[0.188,"r","100x40"]',
			'[0,"m","sent 1"]',
			'[0.3,"x","0"]',
			"",
		]);
		const decoded = decodeRecording(text);
		expect(decoded).toEqual({
			header: { ...header, title: "check" },
			outputBytes: 10,
			durationMs: 2000,
			complete: true,
			events: [
				{ kind: "output", atMs: 12, offset: 0, bytes: encodeUtf8("héllo\r\n") },
				{ kind: "output", atMs: 1512, offset: 8, bytes: Uint8Array.of(0xff, 0x61) },
				{ kind: "input", atMs: 1600, offset: 10, who: "alice", bytes: 3 },
				{ kind: "resize", atMs: 1700, offset: 10, cols: 100, rows: 40 },
				{ kind: "marker", atMs: 1700, offset: 10, label: "sent 1" },
				{ kind: "exit", atMs: 2000, offset: 10, status: "0" },
			],
		});
	});

	test("gives any bytes back exactly, however they are cut", () => {
		fc.assert(
			fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (pieces) => {
				const bytes = recordingBytes(decodeRecording(encodePieces(pieces)).events);
				expect([...bytes]).toEqual(pieces.flatMap((piece) => [...piece]));
			}),
		);
	});

	test("keeps times that go on from each other to the millisecond, with no drift", () => {
		const encoder = createRecordingEncoder();
		let text = encoder.header(header);
		for (let i = 1; i <= 1000; i++) {
			text += encoder.output(Uint8Array.of(65), i * 33.3333);
		}
		const { events } = decodeRecording(text);
		expect(events.at(-1)?.atMs).toBe(33_333);
		expect(events[499]?.atMs).toBe(16_667);
	});

	test("that was cut off in the middle of a line gives everything before it and says so", () => {
		const text = encodePieces([encodeUtf8("one"), encodeUtf8("two")]);
		const { events, complete } = decodeRecording(text.slice(0, -4));
		expect(complete).toBe(false);
		expect(new TextDecoder().decode(recordingBytes(events))).toBe("one");
	});

	test("can be read from the middle, when the place is known", () => {
		const text = encodePieces([encodeUtf8("one"), Uint8Array.of(0x80, 0x81), encodeUtf8("three")]);
		const middle = text.indexOf("\n", text.indexOf('"one"')) + 1;
		const { events } = decodeRecordingPart(text.slice(middle), { atMs: 0, offset: 3 });
		expect(events.map((event) => event.offset)).toEqual([3, 5]);
		expect([...recordingBytes(events)]).toEqual([0x80, 0x81, ...encodeUtf8("three")]);
	});

	test("keeps a byte order mark, NUL and U+FFFD that was really written", () => {
		const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0, 0xef, 0xbf, 0xbd);
		const text = encodePieces([bytes]);
		expect(text).not.toContain("b64");
		expect([...recordingBytes(decodeRecording(text).events)]).toEqual([...bytes]);
	});

	test.each([
		["", "the header"],
		["[1]\n", "Line 1"],
		[`${encodePieces([])}{"a":1}\n`, "Line 2"],
		[`${encodePieces([])}[0.1,"o"]\n`, "Line 2"],
		[`${encodePieces([])}not json\n`, "Line 2"],
		[`${encodePieces([])}# b64 AAAA\n`, "Line 2"],
		[`${encodePieces([encodeUtf8("a")])}# b64 A!AA\n`, "Line 3"],
	])("%j is refused with the line that is wrong", (text, where) => {
		const read = () => decodeRecording(text);
		expect(read).toThrow(ProblemError);
		expect(read).toThrow(where);
	});
});

describe("a character that is cut", () => {
	test("at any byte of any text, what is held back and what follows make it whole", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }), fc.nat(), (text, cut) => {
				const bytes = encodeUtf8(text);
				const first = bytes.subarray(0, cut % (bytes.length + 1));
				const tail = incompleteUtf8Tail(first);
				const released = first.subarray(0, first.length - tail);
				// What is released is whole: it decodes without a replacement.
				expect(new TextDecoder("utf-8", { fatal: true }).decode(released).length).toBeLessThanOrEqual(text.length);
				expect(tail).toBeLessThan(4);
			}),
		);
	});

	test.each([
		[[0x61], 0],
		[[0xc3], 1],
		[[0xe2, 0x82], 2],
		[[0xf0, 0x9f, 0x99], 3],
		[[0xf0, 0x9f, 0x99, 0x82], 0],
		[[0x80], 0],
		[[0x80, 0x80, 0x80, 0x80], 0],
		[[0xff], 0],
		[[0xc0], 0],
		[[0xe0, 0x80], 0],
		[[0xed, 0xa0], 0],
		[[0xf4, 0x90], 0],
		[[0xf5], 0],
	])("%j holds back %i bytes", (bytes, held) => {
		expect(incompleteUtf8Tail(Uint8Array.from(bytes))).toBe(held);
	});
});

import { createHash, createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../json.ts";
import { type Envelope, noPrevious } from "../session-event.ts";
import { BadRecord } from "./bad-record.ts";
import { BadLine, byteLines } from "./byte-lines.ts";
import { canonicalJson } from "./canonical-json.ts";
import { contentReferences } from "./content-references.ts";
import { eventHash } from "./event-hash.ts";
import { fromHex } from "./hex.ts";
import { hmacSha256 } from "./hmac-sha256.ts";
import { formatManifest, parseManifest } from "./manifest.ts";
import { readEvent } from "./read-event.ts";
import type { RecordCrypto } from "./record-crypto.ts";
import { verifyStream } from "./verify-stream.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const crypto: RecordCrypto = {
	sha256: (bytes) => createHash("sha256").update(bytes).digest(),
	hasher: () => {
		const hash = createHash("sha256");
		return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
	},
	encode: (text) => new TextEncoder().encode(text),
	decode: (bytes) => decoder.decode(bytes),
};

function envelope(change: Partial<Envelope> = {}): Envelope {
	return {
		v: 1,
		stream: "session",
		seq: 1,
		epoch: 1,
		prev: noPrevious,
		at: "2026-11-21T12:00:00.000Z",
		mono: "1000",
		actor: { id: "p", issuer: "runledger", roles: ["responder"], signIn: "s", assurance: "self-declared" },
		origin: { address: "127.0.0.1", userAgent: "" },
		type: "note.added",
		data: {},
		...change,
	};
}

const bytesOf = (event: Envelope) => crypto.encode(canonicalJson(event as unknown as JsonValue));

/** A stream of events that fit together. */
function chain(length: number): Uint8Array[] {
	const events: Uint8Array[] = [];
	let prev = noPrevious;
	for (let seq = 1; seq <= length; seq += 1) {
		const bytes = bytesOf(envelope({ seq, prev, mono: String(seq), data: { text: `event ${seq}` } }));
		events.push(bytes);
		prev = eventHash(bytes, crypto.sha256);
	}
	return events;
}

async function firstBad(events: readonly Uint8Array[], noted: { seq: number; hash: string } | null): Promise<number> {
	try {
		await verifyStream(
			"session",
			events.map((bytes, index) => ({ seq: index + 1, bytes })),
			noted,
			crypto,
			() => {},
		);
		return 0;
	} catch (error) {
		if (error instanceof BadRecord && "seq" in error.place) return error.place.seq;
		throw error;
	}
}

describe("an event's bytes", () => {
	test("are read when they are canonical JSON of the envelope", () => {
		expect(readEvent(bytesOf(envelope()), crypto)).toEqual({ ok: true, event: envelope() });
	});

	const text = canonicalJson(envelope() as unknown as JsonValue);
	test.each([
		["a duplicate key", text.replace('"seq":1', '"seq":1,"seq":1'), /canonical/],
		["a duplicate key that hides another", text.replace('"seq":1', '"seq":2,"seq":1'), /canonical/],
		["a space", text.replace('"seq":1', '"seq": 1'), /canonical/],
		["another order of keys", `{"v":1,${text.slice(1).replace(',"v":1', "")}`, /canonical/],
		["a needless escape", text.replace("session", "\\u0073ession"), /canonical/],
		["a number in another form", text.replace('"seq":1', '"seq":1.0'), /canonical/],
		["a number that JSON would round", text.replace('"data":{}', '"data":{"n":9007199254740993}'), /hold/],
		["half a surrogate pair", text.replace('"data":{}', '"data":{"n":"\\ud800"}'), /hold/],
		["an unknown field", text.replace('"v":1', '"v":1,"x":1'), /envelope/],
		["a missing field", text.replace('"epoch":1,', ""), /envelope is wrong at `epoch`/],
		["a sequence of zero", text.replace('"seq":1', '"seq":0'), /envelope is wrong at `seq`/],
		["a time of another form", text.replace("12:00:00.000Z", "12:00:00Z"), /envelope is wrong at `at`/],
		["data that is a list", text.replace('"data":{}', '"data":[]'), /envelope is wrong at `data`/],
		["more after its end", `${text}\n`, /canonical/],
		["nothing", "", /JSON/],
	])("with %s are refused", (_what, bad, reason) => {
		expect(readEvent(crypto.encode(bad), crypto)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
	});

	test("that are not UTF-8, or begin with a byte order mark, are refused", () => {
		expect(readEvent(Uint8Array.of(0x22, 0xff, 0x22), crypto)).toMatchObject({ ok: false, reason: "it is not UTF-8" });
		expect(readEvent(crypto.encode(`\ufeff${text}`), crypto).ok).toBe(false);
	});

	test("are refused at 60,001, read at 60,000", () => {
		const padded = (length: number) => {
			const empty = bytesOf(envelope({ data: { pad: "" } })).length;
			return bytesOf(envelope({ data: { pad: "x".repeat(length - empty) } }));
		};
		expect(padded(60_000)).toHaveLength(60_000);
		expect(readEvent(padded(60_000), crypto).ok).toBe(true);
		expect(readEvent(padded(60_001), crypto)).toMatchObject({ ok: false, reason: expect.stringMatching(/60001/) });
	});

	test("never make the reader throw, whatever they are", () => {
		fc.assert(fc.property(fc.uint8Array(), (bytes) => !readEvent(bytes, crypto).ok));
		fc.assert(fc.property(fc.json(), (json) => !readEvent(crypto.encode(json), crypto).ok));
	});

	test("give a leaf's hash, not a node's: SHA256(0x00 || bytes)", () => {
		const bytes = bytesOf(envelope());
		const leaf = createHash("sha256").update(Buffer.concat([Uint8Array.of(0), bytes]));
		expect(eventHash(bytes, crypto.sha256)).toBe(leaf.digest("hex"));
	});
});

describe("a stream of events", () => {
	const events = chain(12);
	const head = { seq: 12, hash: eventHash(events[11] ?? new Uint8Array(), crypto.sha256) };

	test("is whole as it was written", async () => {
		expect(await firstBad(events, head)).toBe(0);
		expect(await firstBad([], null)).toBe(0);
	});

	test("with one event altered names that event, wherever it is and whatever is altered", async () => {
		for (let seq = 1; seq <= 12; seq += 1) {
			const text = crypto.decode(events[seq - 1] ?? new Uint8Array());
			const other = (value: string) => (value.startsWith("a") ? `b${value.slice(1)}` : `a${value.slice(1)}`);
			for (const altered of [
				text.replace("event ", "Event "),
				text.replace(/"prev":"([0-9a-f]{64})"/, (_, prev: string) => `"prev":"${other(prev)}"`),
				text.replace(/"mono":"\d+"/, '"mono":"99999"'),
				text.replace('"epoch":1', '"epoch":7'),
				text.replace('"seq":', '"seq":1'),
				text.replace('"stream":"session"', '"stream":"sessiom"'),
				text.slice(1),
			]) {
				expect(await firstBad(events.with(seq - 1, crypto.encode(altered)), head)).toBe(seq);
			}
		}
	});

	test("with an event deleted, inserted or swapped names the first place that is not right", async () => {
		for (let at = 0; at < 11; at += 1) {
			expect(await firstBad(events.toSpliced(at, 1), head)).toBe(at + 1);
			const [one, two] = [events[at], events[at + 1]] as [Uint8Array, Uint8Array];
			expect(await firstBad(events.toSpliced(at, 2, two, one), head)).toBe(at + 1);
			expect(await firstBad(events.toSpliced(at, 0, two), head)).toBe(at + 1);
		}
	});

	test("with its end cut off, or something after it, is found out by the noted head", async () => {
		expect(await firstBad(events.slice(0, 9), head)).toBe(10);
		expect(await firstBad([...events, ...chain(13).slice(12)], head)).toBe(13);
	});

	test("whose start of the server or monotonic clock falls is found out", async () => {
		const first = bytesOf(envelope({ epoch: 2, mono: "50" }));
		const prev = eventHash(first, crypto.sha256);
		const followed = (change: Partial<Envelope>) => [first, bytesOf(envelope({ seq: 2, prev, ...change }))];
		expect(await firstBad(followed({ epoch: 2, mono: "49" }), null)).toBe(2);
		expect(await firstBad(followed({ epoch: 1, mono: "60" }), null)).toBe(2);
		expect(await firstBad(followed({ epoch: 3, mono: "1" }), null)).toBe(0);
	});
});

test("HMAC-SHA256 is Node's, for keys and messages of any length", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 300 }), (key, message) => {
			const expected = createHmac("sha256", key).update(message).digest("hex");
			expect(Buffer.from(hmacSha256(key, message, crypto.sha256)).toString("hex")).toBe(expected);
		}),
	);
});

test("hex is read only in lower case and whole bytes", () => {
	expect(fromHex("00ff")).toEqual(Uint8Array.of(0, 255));
	for (const bad of ["0", "0G", "FF", "0x00"]) expect(fromHex(bad)).toBeNull();
});

test("references to contents are found wherever they stand, and nothing else is taken for one", () => {
	const ref = "a".repeat(64);
	const data = { a: { ref, bytes: 3 }, b: [{ c: { ref, bytes: 4, content: "text" } }], d: { ref, bytes: 1, other: 2 } };
	expect([...contentReferences(data)]).toEqual([
		{ ref, bytes: 3 },
		{ ref, bytes: 4 },
	]);
});

test("lines come whole however the bytes are cut, and a rest or one too long is refused", async () => {
	const bytes = Buffer.from("one\n\nthree is longer\nfour\n");
	const read = async (size: number, source: Buffer, max = 100) => {
		async function* pieces() {
			for (let at = 0; at < source.length; at += size) yield source.subarray(at, at + size);
		}
		const lines: string[] = [];
		for await (const line of byteLines(pieces(), max)) lines.push(Buffer.from(line).toString());
		return lines;
	};
	for (let size = 1; size <= bytes.length; size += 1) {
		expect(await read(size, bytes)).toEqual(["one", "", "three is longer", "four"]);
		await expect(read(size, bytes.subarray(0, -1))).rejects.toMatchObject({ line: 4 });
		await expect(read(size, bytes, 10)).rejects.toBeInstanceOf(BadLine);
	}
});

describe("a manifest", () => {
	const files = new Map([
		["events.jsonl", "a".repeat(64)],
		["account.txt", "b".repeat(64)],
	]);
	const manifest = { files, head: { stream: "session", seq: 3, hash: "c".repeat(64) } };
	const text = formatManifest(manifest, crypto);

	test("is read as it was written", () => {
		expect(parseManifest(crypto.encode(text), crypto)).toEqual(manifest);
	});

	test("with any bit flipped names itself", () => {
		const bytes = crypto.encode(text);
		for (let bit = 0; bit < bytes.length * 8; bit += 1) {
			const changed = bytes.slice();
			changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			expect(() => parseManifest(changed, crypto)).toThrow(BadRecord);
		}
	});

	test("is nothing that random bytes give", () => {
		expect(() => parseManifest(randomBytes(500), crypto)).toThrow(BadRecord);
	});
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTerminalFrame, encodeTerminalFrame, terminalClientMessageSchema } from "./terminal-protocol.ts";

test("a frame is read as it was written, also with offsets beyond 32 bits", () => {
	fc.assert(
		fc.property(
			fc.constantFrom("data" as const, "snapshot" as const),
			fc.nat(2 ** 31 - 1),
			fc.nat(Number.MAX_SAFE_INTEGER),
			fc.uint8Array(),
			(kind, channel, offset, payload) => {
				const frame = decodeTerminalFrame(encodeTerminalFrame({ kind, channel, offset, payload }));
				expect(frame).toEqual({ kind, channel, offset, payload });
			},
		),
	);
});

test("a frame has its fields where the format says", () => {
	const frame = encodeTerminalFrame({ kind: "snapshot", channel: 258, offset: 2 ** 32 + 5, payload: Uint8Array.of(9) });
	expect([...frame]).toEqual([1, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0, 5, 9]);
});

test.each([[[]], [[0, 0, 0, 0, 1]], [[2, ...Array(12).fill(0)]], [[0, 0, 0, 0, 0, ...Array(8).fill(255)]]])(
	"%j is no frame",
	(bytes) => {
		expect(decodeTerminalFrame(Uint8Array.from(bytes))).toBe(null);
	},
);

test.each([
	{ t: "open", run: "r", offset: -1, credit: 0 },
	{ t: "open", run: "r", offset: 0.5, credit: 0 },
	{ t: "open", run: "", offset: null, credit: 0 },
	{ t: "resize", run: "r", cols: 100_000, rows: 10 },
	{ t: "input", run: "r", data: "x".repeat(70_000) },
	{ t: "exec", run: "r" },
	null,
])("%j is no message", (message) => {
	expect(terminalClientMessageSchema.safeParse(message).success).toBe(false);
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { withCarriageReturns } from "./with-carriage-returns.ts";

const written = (pieces: Iterable<Uint8Array>) => Buffer.concat([...withCarriageReturns(pieces)]).toString("latin1");

it("each line ends with one CR LF, however the bytes are cut", () => {
	fc.assert(
		fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", "\r", "\n"), maxLength: 6 })), (texts) => {
			const whole = texts.join("");
			const expected = whole.replace(/\r?\n/g, "\r\n") + (whole === "" || whole.endsWith("\n") ? "" : "\r\n");
			expect(written(texts.map((text) => Buffer.from(text)))).toBe(expected);
		}),
	);
});

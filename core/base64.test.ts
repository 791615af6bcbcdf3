import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64, encodeBase64 } from "./base64.ts";

test("base64 is that of everybody else, both ways", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
			expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
			expect([...decodeBase64(encodeBase64(bytes))!]).toEqual([...bytes]);
		}),
	);
});

test.each(["A", "AAA", "A===", "A!AA", "AAé=", "=AAA"])("%j is not base64", (text) => {
	expect(decodeBase64(text)).toBe(null);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { createMasker } from "./masker.ts";

function mask(secrets: readonly string[], pieces: readonly Uint8Array[]): string {
	const masker = createMasker(secrets);
	const parts = pieces.map((piece) => Buffer.from(masker.push(piece)));
	return Buffer.concat([...parts, masker.flush()]).toString();
}

test("a secret that is cut at any two places is masked", () => {
	const text = Buffer.from("before s3cr3t-välue after");
	for (let first = 0; first <= text.length; first++) {
		for (let second = first; second <= text.length; second++) {
			const pieces = [text.subarray(0, first), text.subarray(first, second), text.subarray(second)];
			expect(mask(["s3cr3t-välue"], pieces)).toBe("before ******** after");
		}
	}
});

test("secrets that contain, overlap or follow each other leave nothing of any", () => {
	expect(mask(["pass", "password1"], [Buffer.from("pass password1 passwor")])).toBe("******** ******** ********wor");
	expect(mask(["abc", "cde"], [Buffer.from("xabcdex")])).toBe("x********x");
	expect(mask(["aa"], [Buffer.from("baaaaab")])).toBe("b********b");
	expect(mask(["he", "she", "hers"], [Buffer.from("ushers")])).toBe("u********");
});

test("whatever the secrets, the text and its pieces: the same as masking the whole, and no secret is left", () => {
	const letter = fc.constantFrom("a", "b", "c");
	fc.assert(
		fc.property(
			fc.array(fc.string({ unit: letter, minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
			fc.array(fc.string({ unit: letter, maxLength: 6 }), { maxLength: 8 }),
			(secrets, pieces) => {
				const whole = pieces.join("");
				const covered = new Array<boolean>(whole.length).fill(false);
				for (const secret of secrets) {
					for (let at = whole.indexOf(secret); at >= 0; at = whole.indexOf(secret, at + 1)) {
						covered.fill(true, at, at + secret.length);
					}
				}
				let expected = "";
				for (let i = 0; i < whole.length; i++) {
					expected += covered[i] ? "*" : whole[i]!;
				}
				const masked = mask(
					secrets,
					pieces.map((piece) => Buffer.from(piece)),
				);
				expect(masked.replace(/\*+/g, "*")).toBe(expected.replace(/\*+/g, "*"));
			},
		),
		{ numRuns: 1000 },
	);
});

test("only an end that may begin a secret is held back, and no longer than that lasts", () => {
	const masker = createMasker(["secret"]);
	expect(Buffer.from(masker.push(Buffer.from("plain text"))).toString()).toBe("plain text");
	expect(masker.held).toBe(0);
	expect(Buffer.from(masker.push(Buffer.from("a sec"))).toString()).toBe("a ");
	expect(masker.held).toBe(3);
	expect(Buffer.from(masker.push(Buffer.from("ond"))).toString()).toBe("second");
	expect(masker.held).toBe(0);
});

test("what is held back survives that the reader uses its buffer again", () => {
	const masker = createMasker(["secret"]);
	const buffer = Buffer.from("xsec");
	expect(Buffer.from(masker.push(buffer)).toString()).toBe("x");
	buffer.fill("!");
	expect(Buffer.from(masker.push(Buffer.from("ular"))).toString()).toBe("secular");
});

test("without secrets the bytes pass as they are", () => {
	const bytes = Buffer.from("anything");
	expect(createMasker([""]).push(bytes)).toBe(bytes);
});

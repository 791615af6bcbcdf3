import fc from "fast-check";
import { expect, test } from "vitest";
import { createMasking } from "./masker.ts";

function mask(secrets: readonly string[], pieces: readonly Uint8Array[]): string {
	const masker = createMasking(secrets).open();
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
	const masker = createMasking(["secret"]).open();
	expect(Buffer.from(masker.push(Buffer.from("plain text"))).toString()).toBe("plain text");
	expect(masker.held).toBe(0);
	expect(Buffer.from(masker.push(Buffer.from("a sec"))).toString()).toBe("a ");
	expect(masker.held).toBe(3);
	expect(Buffer.from(masker.push(Buffer.from("ond"))).toString()).toBe("second");
	expect(masker.held).toBe(0);
});

test("what is held back survives that the reader uses its buffer again", () => {
	const masker = createMasking(["secret"]).open();
	const buffer = Buffer.from("xsec");
	expect(Buffer.from(masker.push(buffer)).toString()).toBe("x");
	buffer.fill("!");
	expect(Buffer.from(masker.push(Buffer.from("ular"))).toString()).toBe("secular");
});

test("without secrets the bytes pass as they are", () => {
	const bytes = Buffer.from("anything");
	expect(createMasking([""]).open().push(bytes)).toBe(bytes);
});

test("a secret is masked with escape sequences and unseen characters between its own, wherever they are cut; these stay", () => {
	const hidden: [string, string][] = [
		["\x1b[1ms3cr\x1b[0met-value\n", "\x1b[1m********\x1b[0m\n"],
		["s\x1b[31m3\x1b[32mc\x1b[33mret-value.", "********\x1b[31m\x1b[32m\x1b[33m."],
		["s3cret\x1b]0;title\x07-va\x1b(Blu\x07\x00e", "********\x1b]0;title\x07\x1b(B\x07\x00"],
		["s3cret\x1bPq s3cret-value \x1b\\-value", "********\x1bPq ******** \x1b\\"],
		["\x1b[3ms3cret-\x1b[1;38;5;12mvalues3cret-value", "\x1b[3m********\x1b[1;38;5;12m"],
	];
	for (const [output, expected] of hidden) {
		const bytes = Buffer.from(output);
		for (let cut = 0; cut <= bytes.length; cut++) {
			expect(mask(["s3cret-value"], [bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(expected);
		}
	}
});

test("what only looks like a secret together with an escape sequence's own bytes stays as it is", () => {
	for (const output of [
		"\x1b[1234m567890",
		"\x1b[12m34",
		"1\x1b[2m34",
		"123\x1b[4m5",
		"12\n34",
		"12\b34",
		"\x1b]0;12\x0734",
	]) {
		expect(mask(["1234"], [Buffer.from(output)])).toBe(output.replace("[1234m", "[********m"));
	}
});

test("whatever stands around and between, bytes that are no secret's stay as they are", () => {
	const piece = fc.constantFrom("a", "b", "\x1b", "[", "1m", "\x1b[0m", "\x07", "\x1b]", "\n", "é");
	fc.assert(
		fc.property(fc.array(fc.array(piece, { maxLength: 8 }), { maxLength: 6 }), (pieces) => {
			const texts = pieces.map((each) => each.join(""));
			const masked = mask(
				["secret", "\x1b[31mcoloured"],
				texts.map((text) => Buffer.from(text)),
			);
			expect(masked).toBe(texts.join(""));
		}),
	);
});

test("a beginning of a secret before a string without an end is not held for ever", () => {
	const masker = createMasking(["secret"]).open();
	const given = Buffer.concat(
		Array.from({ length: 40 }, (_, i) => masker.push(Buffer.from(i === 0 ? "sec\x1b]0;" : "x".repeat(4096)))),
	);
	expect(given.length).toBeGreaterThan(60 * 1024);
	expect(masker.held).toBeLessThan(80 * 1024);
});

test("a text is masked as a whole", () => {
	expect(createMasking(["secret"]).text("a sec\x1b[1mret sec")).toBe("a ********\x1b[1m sec");
});

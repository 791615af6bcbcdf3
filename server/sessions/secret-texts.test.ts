import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { createMasking } from "../terminals/masker.ts";
import { secretTexts } from "./secret-texts.ts";

const secret = `p&ss "wörd" <it's> 100%/+`;
const shell = (script: string) => execFileSync("bash", ["-c", script, "bash", secret]).toString();

test.each([
	["base64", Buffer.from(secret).toString("base64")],
	["base64 for addresses", Buffer.from(secret).toString("base64url")],
	["base64 after one byte", Buffer.from(`:${secret}`).toString("base64")],
	["base64 after two bytes", Buffer.from(`u:${secret}`).toString("base64")],
	["base64 of a header", Buffer.from(`user:${secret}\n`).toString("base64")],
	["an address", encodeURIComponent(secret)],
	["a form", new URLSearchParams({ a: secret }).toString().slice(2).replaceAll("%27", "'")],
	["JSON", JSON.stringify({ a: secret })],
	["XML", `<a b='${secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}'/>`],
	["a shell's single quotes", `'${secret.replaceAll("'", "'\\''")}'`],
	["a shell's backslashes", shell(`LC_ALL=C.UTF-8 printf %q "$1"`)],
])("a secret is masked as it stands in %s", (_, text) => {
	const masked = createMasking(secretTexts([secret])).text(text);
	expect(masked).toContain("********");
	// Of base64, the characters at the edges are partly its neighbours' bits.
	expect(masked.replace("********", "").length).toBeLessThan(14);
});

test("each line of a key is masked by itself, one that is very long too, and what is too short is not", () => {
	const key = `-----BEGIN KEY-----\n${"line of the key 1234\n".repeat(400)}last line\n`;
	const texts = secretTexts([key, "abc", "abcd", 123456, 12, null, true]);
	expect(texts).toEqual([key, "-----BEGIN KEY-----", "line of the key 1234", "last line", "abcd", "123456"]);
});

import type { JsonValue } from "../../core/json.ts";

/** Shorter secrets are not masked in output: they would mask everything else. */
export const shortestMaskedSecret = 4;

/** From this length on a secret is also masked as programs write it: a shorter one's forms would mask too much else. */
const shortestWithForms = 8;
/** Longer ones are masked as they are and line by line only: each form costs memory while a step runs. */
const longestWithForms = 4096;

/** All texts to mask for these secrets: themselves, and the longer ones as they look encoded and quoted, and line by line. */
export function secretTexts(secrets: Iterable<JsonValue>): string[] {
	const texts = new Set<string>();
	for (const secret of [...secrets].flatMap(textsIn)) {
		if (secret.length < shortestMaskedSecret) continue;
		texts.add(secret);
		for (const line of secret.split(/\r?\n/)) if (line.length >= shortestWithForms) texts.add(line);
		if (secret.length < shortestWithForms || secret.length > longestWithForms) continue;
		for (const form of [...base64Forms(secret), ...quotedForms(secret)]) texts.add(form);
	}
	return [...texts];
}

/** The texts and numbers that a value is made of: what a step captures may be a list or a map. */
function textsIn(value: JsonValue): string[] {
	if (typeof value === "string" || typeof value === "number") return [String(value)];
	if (typeof value !== "object" || value === null) return [];
	return Object.values(value).flatMap(textsIn);
}

/** Base64 in both alphabets, by itself and wherever it may stand in a longer text: at three shifts, what is its own alone. */
function base64Forms(secret: string): string[] {
	const bytes = Buffer.from(secret);
	const forms = [bytes.toString("base64").replace(/=+$/, "")];
	for (const shift of [0, 1, 2]) {
		const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
		forms.push(encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6)));
	}
	return forms.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}

/** As it stands in an address, in JSON, in XML, and quoted by a shell. */
function quotedForms(secret: string): string[] {
	// By way of its bytes: half of a surrogate pair can't be written in an address.
	const uri = encodeURIComponent(Buffer.from(secret).toString());
	const lower = uri.replace(/%../g, (code) => code.toLowerCase());
	const xml = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
	return [
		uri,
		lower,
		uri.replaceAll("%20", "+"),
		JSON.stringify(secret).slice(1, -1),
		JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/"),
		xml,
		xml.replaceAll('"', "&quot;").replaceAll("'", "&apos;"),
		xml.replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
		secret.replaceAll("'", "'\\''"),
		secret.replace(/[^\w@%+=:,./\n\u0080-\uffff-]/g, "\\$&"),
	];
}

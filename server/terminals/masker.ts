import { buildSecretAutomaton } from "./build-secret-automaton.ts";
import { EscapeFollower, isTextByte } from "./escape-follower.ts";

/** What stands in the place of a secret. */
const replacement = new TextEncoder().encode("********");

/** So many bytes are held back at most for a secret with escape sequences in it, beyond the longest secret's own. */
const mostBetween = 64 * 1024;

/** Replaces secrets in a stream of bytes. */
export interface Masker {
	/** Gives what can be given: everything but an end that may be the beginning of a secret. May share the memory of `bytes`. */
	push(bytes: Uint8Array): Uint8Array;
	/** Gives what was held back; no secret ends in it. */
	flush(): Uint8Array;
	/** Bytes held back. */
	readonly held: number;
}

/** A set of secrets, made ready once. */
export interface Masking {
	/** For one stream. */
	open(): Masker;
	/** For a text that is whole. */
	text(text: string): string;
}

const nothing = new Uint8Array(0);
// What becomes of a byte: given as it is, replaced, or left out because its secret has been replaced already.
const asItIs = 0;
const replaced = 1;
const leftOut = 2;

/**
 * Masks the values wherever they stand, also when they are cut across pieces or overlap (Aho-Corasick), and when escape
 * sequences stand between their characters: these stay where they are. A value of several lines is also found as a
 * terminal prints it, with CR LF. Empty values are passed over.
 */
export function createMasking(secrets: readonly string[]): Masking {
	const encoder = new TextEncoder();
	const values = [...new Set(secrets.flatMap((secret) => [secret, secret.replace(/\r?\n/g, "\r\n")]))]
		.filter((value) => value !== "")
		.map((value) => encoder.encode(value));
	if (values.length === 0) {
		return { open: () => ({ push: (bytes) => bytes, flush: () => nothing, held: 0 }), text: (text) => text };
	}
	const automaton = buildSecretAutomaton(values);
	const open = () => openMasker(automaton);
	return {
		open,
		text(text) {
			const masker = open();
			return Buffer.concat([masker.push(encoder.encode(text)), masker.flush()]).toString();
		},
	};
}

function openMasker({ step, matched, depth, longest }: ReturnType<typeof buildSecretAutomaton>): Masker {
	const most = mostBetween + 2 * longest;
	/** How far a secret goes on in the bytes as they are, and in those of them that are text. */
	let exact = 0;
	let seen = 0;
	let escapes = new EscapeFollower();
	/** The last bytes, which may be a beginning of a secret, and what becomes of each. */
	let held: Uint8Array = nothing;
	let fates: Uint8Array = nothing;
	/** Where the last text bytes stand, from the beginning of `held`: at least as many as `seen` has. */
	let places: number[] = [];
	/** The byte before `held` was a secret's. */
	let isAfterSecret = false;

	/** The secret whose bytes these are is one with those that it overlaps or follows. */
	const cover = (count: number, placeOf: (index: number) => number) => {
		const first = placeOf(0);
		let fate =
			(first === 0 ? isAfterSecret : fates[first - 1] !== asItIs) || fates[first] === leftOut ? leftOut : replaced;
		for (let index = 0; index < count; index++) {
			fates[placeOf(index)] = fate;
			fate = leftOut;
		}
	};

	const release = (bytes: Uint8Array, keep: number): Uint8Array => {
		const cut = bytes.length - keep;
		const parts: Uint8Array[] = [];
		let from = 0;
		for (let at = 0; at < cut; at++) {
			if (fates[at] === asItIs) continue;
			if (at > from) parts.push(bytes.subarray(from, at));
			if (fates[at] === replaced) parts.push(replacement);
			from = at + 1;
		}
		if (cut > from) parts.push(bytes.subarray(from, cut));
		if (cut > 0) isAfterSecret = fates[cut - 1] !== asItIs;
		// Copies: a Buffer's slice would share the memory of the reader, which it uses again.
		held = keep === 0 ? nothing : new Uint8Array(bytes.subarray(cut));
		fates = keep === 0 ? nothing : fates.slice(cut);
		places = depth[seen] === 0 ? [] : places.slice(-(depth[seen] ?? 0)).map((place) => place - cut);
		return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
	};

	return {
		push(bytes) {
			let from = 0;
			if (exact === 0 && seen === 0 && escapes.isOnGround) {
				// Most output has no byte that begins a secret or an escape sequence, and none of it is copied.
				while (from < bytes.length && step(0, bytes[from]!) === 0 && bytes[from] !== 0x1b) {
					from++;
				}
				if (from === bytes.length) {
					isAfterSecret &&= from === 0;
					return bytes;
				}
			}
			const before = held.length;
			const all = before === 0 ? bytes : Buffer.concat([held, bytes]);
			const grown = new Uint8Array(all.length);
			grown.set(fates);
			fates = grown;
			for (let i = before + from; i < all.length; i++) {
				const byte = all[i]!;
				exact = step(exact, byte);
				const length = matched[exact]!;
				if (length > 0) {
					cover(length, (index) => i + 1 - length + index);
				}
				if (!(escapes.isOnGround && byte !== 0x1b ? isTextByte(byte) : escapes.isText(byte))) {
					continue;
				}
				seen = step(seen, byte);
				if (seen === 0) {
					places.length = 0;
					continue;
				}
				places.push(i);
				const among = matched[seen]!;
				// What is one piece was found as such already.
				if (among > 0 && places.at(-among) !== i + 1 - among) {
					cover(among, (index) => places[places.length - among + index]!);
				}
			}
			const begin = () => (depth[seen] === 0 ? all.length : places.at(-(depth[seen] ?? 0))!);
			if (all.length - begin() > most) {
				seen = 0;
			}
			return release(all, Math.max(depth[exact]!, all.length - begin()));
		},
		flush() {
			exact = 0;
			seen = 0;
			escapes = new EscapeFollower();
			return held.length === 0 ? nothing : release(held, 0);
		},
		get held() {
			return held.length;
		},
	};
}

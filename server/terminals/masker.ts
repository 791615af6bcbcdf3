/** What stands in the place of a secret. */
const replacement = new TextEncoder().encode("********");

/** Replaces secrets in a stream of bytes. */
export interface Masker {
	/** Gives what can be given: everything but an end that may be the beginning of a secret. May share the memory of `bytes`. */
	push(bytes: Uint8Array): Uint8Array;
	/** Gives what was held back; no secret ends in it. */
	flush(): Uint8Array;
	/** Bytes held back. */
	readonly held: number;
}

const nothing = new Uint8Array(0);

/**
 * Masks the values wherever they stand, also when they are cut across pieces or overlap (Aho-Corasick). A value of
 * several lines is also found as a terminal prints it, with CR LF. Empty values are passed over.
 */
export function createMasker(secrets: readonly string[]): Masker {
	const encoder = new TextEncoder();
	const values = [...new Set(secrets.flatMap((secret) => [secret, secret.replace(/\r?\n/g, "\r\n")]))]
		.filter((value) => value !== "")
		.map((value) => encoder.encode(value));
	if (values.length === 0) {
		return { push: (bytes) => bytes, flush: () => nothing, held: 0 };
	}
	const { next, matched, depth } = buildAutomaton(values);

	let state = 0;
	/** The last `depth[state]` bytes: a beginning of a secret. */
	let held: Uint8Array = nothing;
	/** Places of secrets in `held` and what is being looked at, in order, not touching; `told` when its beginning is out already. */
	let places: { start: number; end: number; told: boolean }[] = [];

	const cover = (start: number, end: number) => {
		let told = false;
		let from = start;
		for (let last = places.at(-1); last !== undefined && last.end >= from; last = places.at(-1)) {
			from = Math.min(from, last.start);
			told = last.told;
			places.pop();
		}
		places.push({ start: from, end, told });
	};

	const release = (bytes: Uint8Array, keep: number): Uint8Array => {
		const cut = bytes.length - keep;
		const parts: Uint8Array[] = [];
		const later: typeof places = [];
		let at = 0;
		for (const place of places) {
			if (place.start >= cut) {
				later.push({ ...place, start: place.start - cut, end: place.end - cut });
				continue;
			}
			parts.push(bytes.subarray(at, place.start));
			if (!place.told) {
				parts.push(replacement);
			}
			at = Math.min(place.end, cut);
			if (place.end > cut) {
				later.push({ start: 0, end: place.end - cut, told: true });
			}
		}
		parts.push(bytes.subarray(at, cut));
		places = later;
		// A copy: a Buffer's slice would share the memory of the reader, which it uses again.
		held = keep === 0 ? nothing : new Uint8Array(bytes.subarray(cut));
		return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
	};

	return {
		push(bytes) {
			let from = 0;
			if (state === 0) {
				// Most output has no byte that begins a secret, and none of it is copied.
				while (from < bytes.length && next[bytes[from]!] === 0) {
					from++;
				}
				if (from === bytes.length) {
					return bytes;
				}
			}
			const all = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
			const before = all.length - bytes.length;
			for (let i = before + from; i < all.length; i++) {
				state = next[state * 256 + all[i]!]!;
				const length = matched[state]!;
				if (length > 0) {
					cover(i + 1 - length, i + 1);
				}
			}
			return release(all, depth[state]!);
		},
		flush() {
			state = 0;
			return held.length === 0 ? nothing : release(held, 0);
		},
		get held() {
			return held.length;
		},
	};
}

interface Automaton {
	/** State and byte to state. */
	next: Int32Array;
	/** The longest secret that ends in a state. */
	matched: Int32Array;
	/** How many bytes of a secret a state has seen. */
	depth: Int32Array;
}

function buildAutomaton(values: readonly Uint8Array[]): Automaton {
	const most = values.reduce((sum, value) => sum + value.length, 1);
	const next = new Int32Array(most * 256);
	const matched = new Int32Array(most);
	const depth = new Int32Array(most);
	let states = 1;
	for (const value of values) {
		let state = 0;
		for (const byte of value) {
			const at = state * 256 + byte;
			if (next[at] === 0) {
				depth[states] = depth[state]! + 1;
				next[at] = states++;
			}
			state = next[at]!;
		}
		matched[state] = value.length;
	}
	// Breadth first: a state's fallback is shallower, so it is complete already.
	const fallback = new Int32Array(most);
	const queue: number[] = [];
	for (let byte = 0; byte < 256; byte++) {
		if (next[byte] !== 0) {
			queue.push(next[byte]!);
		}
	}
	for (let i = 0; i < queue.length; i++) {
		const state = queue[i]!;
		const back = fallback[state]!;
		matched[state] = Math.max(matched[state]!, matched[back]!);
		for (let byte = 0; byte < 256; byte++) {
			const at = state * 256 + byte;
			const child = next[at]!;
			if (child === 0) {
				next[at] = next[back * 256 + byte]!;
			} else {
				fallback[child] = next[back * 256 + byte]!;
				queue.push(child);
			}
		}
	}
	return { next, matched, depth };
}

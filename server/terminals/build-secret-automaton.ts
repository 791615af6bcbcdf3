/** Finds any of a set of values in a stream, byte by byte (Aho-Corasick). States are numbers; 0 is the beginning. */
export interface SecretAutomaton {
	/** The state after a byte. */
	step(state: number, byte: number): number;
	/** The length of the longest value that ends in a state; 0 when none does. */
	matched: Int32Array;
	/** How many bytes of a value a state has seen. */
	depth: Int32Array;
	longest: number;
}

/** Builds it for values that are not empty. Its memory grows with their length, times the number of different bytes in them. */
export function buildSecretAutomaton(values: readonly Uint8Array[]): SecretAutomaton {
	// Bytes that stand in no value are one class: they always lead back to the beginning.
	const classOf = new Uint16Array(256);
	let classes = 1;
	for (const value of values) {
		for (const byte of value) {
			if (classOf[byte] === 0) {
				classOf[byte] = classes++;
			}
		}
	}
	const most = values.reduce((sum, value) => sum + value.length, 1);
	const next = new Int32Array(most * classes);
	const matched = new Int32Array(most);
	const depth = new Int32Array(most);
	let states = 1;
	for (const value of values) {
		let state = 0;
		for (const byte of value) {
			const at = state * classes + classOf[byte]!;
			if (next[at] === 0) {
				depth[states] = depth[state]! + 1;
				next[at] = states++;
			}
			state = next[at]!;
		}
		matched[state] = value.length;
	}
	// Breadth first: a state's fallback is shallower, so it is complete already.
	const fallback = new Int32Array(states);
	const queue: number[] = [];
	for (let c = 0; c < classes; c++) {
		if (next[c] !== 0) {
			queue.push(next[c]!);
		}
	}
	for (let i = 0; i < queue.length; i++) {
		const state = queue[i]!;
		const back = fallback[state]!;
		matched[state] = Math.max(matched[state]!, matched[back]!);
		for (let c = 1; c < classes; c++) {
			const at = state * classes + c;
			const child = next[at]!;
			if (child === 0) {
				next[at] = next[back * classes + c]!;
			} else {
				fallback[child] = next[back * classes + c]!;
				queue.push(child);
			}
		}
	}
	return {
		step: (state, byte) => next[state * classes + classOf[byte]!]!,
		matched,
		depth,
		longest: values.reduce((longest, value) => Math.max(longest, value.length), 0),
	};
}

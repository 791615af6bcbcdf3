/**
 * References to contents, in a tenth of the memory that their text would take: the first 52 bits of each, as a number.
 * A reference is an HMAC with a random salt, so that two that begin alike are not met (2^-52 for each pair).
 */
export class ReferenceSet {
	readonly #known = new Set<number>();

	add(ref: string): void {
		this.#known.add(beginning(ref));
	}

	has(ref: string): boolean {
		return this.#known.has(beginning(ref));
	}
}

function beginning(ref: string): number {
	return Number.parseInt(ref.slice(0, 13), 16);
}

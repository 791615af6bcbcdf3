/**
 * Of one evaluation, and of a step's expressions together: about half a second. A unit takes some nanoseconds: a character
 * looked at, a fifth of a step of a pattern.
 */
const maxWork = 100_000_000;
/** Of all texts that one evaluation makes, together. */
const maxCharacters = 4 * 1024 * 1024;
/** Of all lists that one evaluation makes, together. */
const maxMade = 1_000_000;
/** What `all`, `filter` and the like go through, together. */
const maxItems = 100_000;

/** What a character that is made costs, and an item of a list that is made or looked at, in units of work. */
const characterWork = 1 / 16;
const itemWork = 4;

/** What the expressions of one step have cost so far, all together: a hundred that are each just cheap enough are not. */
export class StepWork {
	readonly step: string;
	#work = 0;

	constructor(step: string) {
		this.step = step;
	}

	/** Counts work in units; whether that is still within the step's budget. */
	allows(units: number): boolean {
		this.#work += units;
		return this.#work <= maxWork;
	}
}

/**
 * What one evaluation has cost so far. Expressions come from runbooks and what they read from clusters, and the server has one
 * thread: doubling a text twenty times, or looking for every word of a long output in it, must end before anybody notices.
 */
export class ExpressionWork {
	#work = 0;
	#characters = 0;
	#made = 0;
	#items = 0;
	#exceeded: Error | null = null;
	readonly #step: StepWork | undefined;

	/** `step`: the step whose expression it is, when its others count too. */
	constructor(step?: StepWork) {
		this.#step = step;
	}

	/** The limit that was passed. Macros and `||` drop errors: what has passed a limit has failed, whatever came out. */
	get exceeded(): Error | null {
		return this.#exceeded;
	}

	/** Work in units. This and the others throw when their limit is passed, and again for whatever comes after. */
	spend(units: number): void {
		this.#work += units;
		const limit = `more than ${maxWork / 1_000_000} million units of work`;
		if (this.#work > maxWork) this.#fail(`it takes ${limit}`);
		if (this.#step && !this.#step.allows(units)) {
			this.#fail(`the expressions of the step \`${this.#step.step}\` take ${limit} together`);
		}
	}

	/** A text that is about to be made, or was. */
	makeText(characters: number): void {
		this.#characters += characters;
		if (this.#characters > maxCharacters)
			this.#fail(`it makes texts of more than ${maxCharacters} characters together`);
		this.spend(characters * characterWork);
	}

	/** A list that is about to be made, or was. */
	makeList(items: number): void {
		this.#made += items;
		if (this.#made > maxMade) this.#fail(`it makes lists of more than ${maxMade} items together`);
		this.spend(items * itemWork);
	}

	/** A list that a macro is about to go through. */
	goThrough(items: number): void {
		this.#items += items;
		if (this.#items > maxItems) this.#fail(`it goes through more than ${maxItems} items`);
	}

	/** Looking at a whole value, all that is in it, as often as it is in it: lists that share their parts are trees to whoever compares them. */
	lookThrough(value: unknown): void {
		this.spend(itemWork);
		if (typeof value === "string") this.spend(value.length / 16);
		else if (Array.isArray(value)) for (const item of value) this.lookThrough(item);
		else if (value instanceof Map) for (const item of value.values()) this.lookThrough(item);
		else if (value instanceof Uint8Array) this.spend(value.length);
		else if (typeof value === "object" && value !== null) {
			for (const item of Object.values(value)) this.lookThrough(item);
		}
	}

	#fail(reason: string): never {
		// One error for all: to make one a thousand times would be work again.
		this.#exceeded ??= new Error(reason);
		throw this.#exceeded;
	}
}

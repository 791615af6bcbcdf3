/** Requests that a page may send in one burst. */
const burst = 400;
/** And how many come back each second. */
const perSecond = 100;

/** Bounds what one page asks: a bucket of requests that fills up again. `monoMs` never goes back. */
export class RequestBudget {
	readonly #monoMs: () => number;
	#left = burst;
	#at: number;

	constructor(monoMs: () => number) {
		this.#monoMs = monoMs;
		this.#at = monoMs();
	}

	/** Takes one; false when there is none left. */
	take(): boolean {
		const now = this.#monoMs();
		this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond);
		this.#at = now;
		if (this.#left < 1) return false;
		this.#left--;
		return true;
	}
}

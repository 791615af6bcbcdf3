import type { RecordHealth as HealthState } from "../../core/protocol.ts";

/**
 * Whether the record can be written, since when, and why not. Stores report to it; runs are held while it is not ok.
 * `since` is UTC, ISO 8601.
 */
export class RecordHealth {
	readonly #now: () => number;
	readonly #listeners = new Set<(state: HealthState) => void>();
	#state: HealthState;

	/** `now` in milliseconds since 1970. */
	constructor(now: () => number) {
		this.#now = now;
		this.#state = { ok: true, since: new Date(now()).toISOString() };
	}

	get state(): HealthState {
		return this.#state;
	}

	get ok(): boolean {
		return this.#state.ok;
	}

	get since(): string {
		return this.#state.since;
	}

	/** What is wrong, in a sentence; empty when nothing is. */
	get detail(): string {
		return this.#state.detail ?? "";
	}

	/** Calls back on each change; gives what ends it. */
	subscribe(listener: (state: HealthState) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** The record could not be written. Later failures keep the first one's time and words. */
	fail(detail: string): void {
		if (this.#state.ok) this.#change({ ok: false, since: new Date(this.#now()).toISOString(), detail });
	}

	/** The record has been written again. */
	recover(): void {
		if (!this.#state.ok) this.#change({ ok: true, since: new Date(this.#now()).toISOString() });
	}

	#change(state: HealthState): void {
		this.#state = state;
		for (const listener of [...this.#listeners]) listener(state);
	}
}

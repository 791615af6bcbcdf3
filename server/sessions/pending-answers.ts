import type { JsonValue } from "../../core/json.ts";

/** Runs that wait for a person. */
export class PendingAnswers {
	readonly #waiting = new Map<string, (answers: JsonValue) => void>();

	/** Resolves with the answers, or rejects with the signal's reason. One waiter a run. */
	wait(run: string, signal: AbortSignal): Promise<JsonValue> {
		return new Promise((resolve, reject) => {
			const abort = () => {
				this.#waiting.delete(run);
				reject(signal.reason);
			};
			if (signal.aborted) return abort();
			signal.addEventListener("abort", abort, { once: true });
			this.#waiting.set(run, (answers) => {
				signal.removeEventListener("abort", abort);
				this.#waiting.delete(run);
				resolve(answers);
			});
		});
	}

	isWaiting(run: string): boolean {
		return this.#waiting.has(run);
	}

	give(run: string, answers: JsonValue): void {
		this.#waiting.get(run)?.(answers);
	}
}

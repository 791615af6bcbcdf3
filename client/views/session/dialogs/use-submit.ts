import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { Problem } from "../../../../core/problem.ts";
import { problemOf } from "../../../connection/connection.ts";

/** Sends a form once: busy while it is under way, and what the server said when it refused. */
export function useSubmit(): {
	busy: ReadonlySignal<boolean>;
	problem: ReadonlySignal<Problem | null>;
	submit(send: () => Promise<unknown>, done: () => void): void;
} {
	const busy = useSignal(false);
	const problem = useSignal<Problem | null>(null);
	return {
		busy,
		problem,
		submit(send, done) {
			if (busy.peek()) return;
			busy.value = true;
			problem.value = null;
			send().then(
				() => {
					busy.value = false;
					done();
				},
				(thrown) => {
					busy.value = false;
					problem.value = problemOf(thrown);
				},
			);
		},
	};
}

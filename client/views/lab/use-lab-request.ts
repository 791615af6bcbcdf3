import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { Problem } from "../../../core/problem.ts";
import type { RequestArgument, RequestName } from "../../../core/protocol.ts";
import { problemOf } from "../../connection/connection.ts";
import { useApp } from "../../shell/app-context.ts";

type LabRequest = Extract<RequestName, `lab.${string}`>;

interface LabRequests {
	/** What is under way, as `what` named it. */
	busy: ReadonlySignal<string | null>;
	/** Why the last one was refused, where the place keeps it in sight. */
	refused: ReadonlySignal<Problem | null>;
	ask<N extends LabRequest>(what: string, name: N, argument: RequestArgument<N>): Promise<boolean>;
}

/**
 * Asks for a change of a lab; what is under way can't be asked for twice. A refusal is shown with its way out: as a
 * toast, or by the place that asked when it `keeps` it.
 */
export function useLabRequest({ keeps = false } = {}): LabRequests {
	const { connection, toasts } = useApp();
	const busy = useSignal<string | null>(null);
	const refused = useSignal<Problem | null>(null);
	return {
		busy,
		refused,
		async ask(what, name, argument) {
			if (busy.peek() !== null) return false;
			busy.value = what;
			refused.value = null;
			try {
				await connection.request(name, argument);
				return true;
			} catch (thrown) {
				if (keeps) refused.value = problemOf(thrown);
				else toasts.problem(problemOf(thrown));
				return false;
			} finally {
				busy.value = null;
			}
		},
	};
}

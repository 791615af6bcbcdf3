import { useSignal } from "@preact/signals";
import type { RequestArgument, RequestName } from "../../../core/protocol.ts";
import { problemOf } from "../../connection/connection.ts";
import { useApp } from "../../shell/app-context.ts";

type LabRequest = Extract<RequestName, `lab.${string}`>;

/** Asks for a change of a lab; what is under way can't be asked for twice, a refusal is shown with its way out. */
export function useLabRequest() {
	const { connection, toasts } = useApp();
	const busy = useSignal<string | null>(null);
	return {
		/** What is under way, as `what` named it. */
		busy,
		async ask<N extends LabRequest>(what: string, name: N, argument: RequestArgument<N>): Promise<boolean> {
			if (busy.peek() !== null) return false;
			busy.value = what;
			try {
				await connection.request(name, argument);
				return true;
			} catch (thrown) {
				toasts.problem(problemOf(thrown));
				return false;
			} finally {
				busy.value = null;
			}
		},
	};
}

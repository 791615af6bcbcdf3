import { type ReadonlySignal, useComputed } from "@preact/signals";
import { planNodes } from "../../../core/plan.ts";
import type { Environment } from "../../../core/target.ts";
import { useSession } from "./session-context.ts";

/** Where the session stands. One that chose no cluster and has run nothing stands where its next plan goes. */
export function useSessionEnvironment(): ReadonlySignal<Environment | null> {
	const { store, plans } = useSession();
	return useComputed(() => {
		const environment = store.environment.value;
		if (environment !== null) return environment;
		const next = store.next.value;
		const plan = next ? plans.of(next.name).value?.plan : null;
		return plan && planNodes(plan).length > 0 ? plan.environment : null;
	});
}

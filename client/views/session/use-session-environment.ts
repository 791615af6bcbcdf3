import { type ReadonlySignal, useComputed } from "@preact/signals";
import { gravestEnvironment, planNodes } from "../../../core/plan.ts";
import type { Environment } from "../../../core/target.ts";
import { useSession } from "./session-context.ts";

/**
 * Where the session stands. One that chose no cluster and has run nothing stands where its next plan goes; this machine is
 * among the chosen when somebody has said what it is.
 */
export function useSessionEnvironment(): ReadonlySignal<Environment | null> {
	const { store, plans } = useSession();
	return useComputed(() => {
		const environment = store.environment.value;
		if (environment !== null) return environment;
		const next = store.next.value;
		const plan = next ? plans.of(next.name).value?.plan : null;
		const nodes = plan ? planNodes(plan).filter(({ cluster }) => cluster !== "local") : [];
		return nodes.length === 0 ? null : gravestEnvironment(nodes.map(({ environment: where }) => where));
	});
}

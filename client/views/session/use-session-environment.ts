import { type ReadonlySignal, useComputed } from "@preact/signals";
import { gravestEnvironment } from "../../../core/plan.ts";
import type { Environment } from "../../../core/target.ts";
import { useSession } from "./session-context.ts";

/** The gravest environment that the session touches: of its clusters, of its runs, of the plan that is next. */
export function useSessionEnvironment(): ReadonlySignal<Environment | null> {
	const { store, plans } = useSession();
	return useComputed(() => {
		const seen: Environment[] = [...store.topologies.value.values()].map(({ topology }) => topology.environment);
		if (seen.length === 0) {
			for (const run of Object.values(store.state.value?.runs ?? {})) seen.push(run.environment);
			const next = store.next.value;
			const plan = next ? plans.of(next.name).value?.plan : null;
			if (plan) seen.push(plan.environment);
		}
		return seen.length === 0 ? null : gravestEnvironment(seen);
	});
}

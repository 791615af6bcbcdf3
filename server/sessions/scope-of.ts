import type { JsonValue } from "../../core/json.ts";
import type { SessionState } from "../../core/session-state.ts";
import type { PlannedUnit } from "./planner.ts";
import { UnitScope } from "./run-scope.ts";

/** The scope in which a planned unit's expressions begin: these values, and the topologies that it was planned over. */
export function scopeOf(
	state: Pick<SessionState, "values">,
	{ topologies }: Pick<PlannedUnit, "topologies">,
	values: ReadonlyMap<string, JsonValue>,
	monoMs: () => number,
): UnitScope {
	const parameters = Object.entries(state.values)
		.filter(([, value]) => value.source === "parameter")
		.map(([name]) => name);
	return new UnitScope(values, new Set(parameters), topologies, monoMs);
}

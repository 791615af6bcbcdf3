import type { JsonValue } from "../../core/json.ts";
import type { PlannedUnit } from "./planner.ts";
import { UnitScope } from "./run-scope.ts";

/** The scope in which a planned unit's expressions begin: these values, and the topologies that it was planned over. */
export function scopeOf(
	{ topologies, parameters }: Pick<PlannedUnit, "topologies" | "parameters">,
	values: ReadonlyMap<string, JsonValue>,
	monoMs: () => number,
): UnitScope {
	return new UnitScope(values, parameters, topologies, monoMs);
}

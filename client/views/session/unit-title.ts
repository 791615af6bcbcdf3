import type { StepSpec, Unit } from "../../../core/runbook.ts";
import { countWords } from "../../words/count-words.ts";

/** A unit as a person knows it: a step's title, or that of a group's first and how many go with it. A group's own name is the author's. */
export function unitTitle(unit: Unit, specs: ReadonlyMap<string, Pick<StepSpec, "title">>): string {
	const first = unit.steps[0] ?? unit.name;
	const title = specs.get(first)?.title ?? first;
	return unit.group ? `${title} (${countWords(unit.steps.length, "step")} as one)` : title;
}

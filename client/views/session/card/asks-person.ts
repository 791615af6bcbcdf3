import { stepViews } from "../../../../steps/client.ts";
import type { StepView } from "../../../../steps/step-view.ts";

/** Whether a running step of this type asks a person with a form, in place of a terminal. */
export function asksPerson(type: string): boolean {
	return (stepViews as Record<string, StepView>)[type]?.answer !== undefined;
}

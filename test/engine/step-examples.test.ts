import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseRunbook } from "../../server/runbooks/parse-runbook.ts";
import { type StepTypeName, stepTypes } from "../../steps/index.ts";

const names = Object.keys(stepTypes) as StepTypeName[];

it.each(names)("the example of `%s` is read without a problem and shows its type", (name) => {
	const path = join(import.meta.dirname, "../../steps", name, "example.md");
	const runbook = parseRunbook(readFileSync(path), { path: `steps/${name}.md`, stepTypes: Object.values(stepTypes) });
	expect(runbook.problems).toEqual([]);
	expect(runbook.steps.some((step) => step.type === name)).toBe(true);
});

import { statSync } from "node:fs";
import { type Problem, problem } from "../../core/problem.ts";
import type { CarriedEnvironment } from "../step-executor.ts";

/** Whether a path is a directory at this moment. */
export function isDirectory(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** What refuses a step whose directory is not there. Nothing stands in for it: the step's commands were written for that one. */
export function directoryGone(path: string, led: CarriedEnvironment["ledBy"] = null): Problem {
	if (led === null) return problem("directory-gone", `The directory ${path} does not exist.`);
	const again = isDirectory(led.from)
		? `Run \`${led.step}\` again, which begins in ${led.from} as it did before,`
		: "Make the directory again";
	return problem(
		"directory-gone",
		`The directory ${path}, where \`${led.step}\` had gone to, does not exist any more.`,
		{
			next: `${again} or set \`cwd\` on this step.`,
		},
	);
}

import { z } from "zod";
import { problem } from "../../core/problem.ts";
import { defineStepType } from "../../core/step-type.ts";

/** A note's own part: what to read. May hold `{{value}}`. */
export interface NoteStep {
	text: string;
}

const attributes = z.object({});

/** Something to read that is worth a place of its own in the record. The smallest step type there is. */
export const noteType = defineStepType<NoteStep>({
	name: "note",
	words: ["note"],
	attributes,
	attributeNames: [],

	parse(block) {
		const text = block.body.trim();
		return text === "" ? [problem("step-empty", "The note is empty.", { at: block.place })] : { text };
	},

	risk() {
		return "read";
	},
});

import { z } from "zod";
import { parseDuration } from "../../core/duration.ts";
import { type Problem, problem } from "../../core/problem.ts";
import type { StepSpec } from "../../core/runbook.ts";
import { defineStepType } from "../../core/step-type.ts";

/** A wait step's own part, also as its plan is recorded. The expression, its pace and its time limit are the common `until`. */
export const waitStepSchema = z.object({
	/** Milliseconds to wait; null when it waits for `until`. */
	forMs: z.number().nullable(),
	/** Why, in words. */
	text: z.string(),
});
export type WaitStep = z.infer<typeof waitStepSchema>;

const attributes = z.object({ for: z.string().optional() });

/** Waits for a time, or until an expression over the live topology holds. */
export const waitType = defineStepType<WaitStep>({
	name: "wait",
	words: ["wait"],
	attributes,
	attributeNames: Object.keys(attributes.shape),

	parse(block) {
		const read = attributes.safeParse(block.attributes);
		if (!read.success) return [problem("step-invalid", "`for` is not a duration.", { at: block.place })];
		const text = block.body.trim();
		const written = read.data.for;
		const until = block.attributes.until;
		if (written !== undefined && until !== undefined) {
			return [
				problem("step-invalid", "It waits `for` a time or `until` an expression holds, not both.", { at: block.place }),
			];
		}
		if (written === undefined) {
			if (until === undefined) {
				return [
					problem("step-invalid", "It needs `for` (a duration) or `until` (an expression).", { at: block.place }),
				];
			}
			return { forMs: null, text };
		}
		const forMs = parseDuration(written);
		if (forMs === null) {
			return [
				problem("step-invalid", `\`for\`: \`${written}\` is not a duration such as 500ms, 8s or 2m.`, {
					at: block.place,
				}),
			];
		}
		return { forMs, text };
	},

	flaws(spec, placeOf) {
		if ((spec.attributes.target ?? null) !== null) return [];
		const blind = looksAtNothing(spec);
		return blind === null ? [] : [{ ...blind, at: placeOf("until") }];
	},

	risk() {
		return "read";
	},
});

/** Its expression looks at the topology, and it names no cluster; null when it does, or need not. */
export function looksAtNothing({ target, until }: Pick<StepSpec<WaitStep>, "target" | "until">): Problem | null {
	if (target !== undefined || !until || !/\b(?:topology|before)\b/.test(until.expression)) return null;
	return problem("target-missing", "Its expression looks at the topology, but it has no `target`.", {
		next: 'Name the cluster that it looks at: {"target":"{{cluster}}"}.',
	});
}

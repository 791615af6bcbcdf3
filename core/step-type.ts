import type { z } from "zod";
import type { JsonValue } from "./json.ts";
import type { Risk } from "./plan.ts";
import type { Problem, SourcePlace } from "./problem.ts";
import type { Parameter, StepBlock, StepSpec } from "./runbook.ts";

/** What a step is: its words, its own attributes, and how its body is read. Pure; shared by server and browser. */
export interface StepType<Own = unknown> {
	/** The type's name, e.g. `redis`. */
	name: string;
	/** Fence words that mean it, e.g. `sh`, `bash`. */
	words: readonly string[];
	/** The attributes that this type adds, read with zod; values of fences are strings. */
	attributes: z.ZodType<Record<string, unknown>, Record<string, unknown>>;
	/** The names of those attributes, so that a stranger's are told apart. */
	attributeNames: readonly string[];
	/** Reads the block into the type's own part, or says what is wrong with it. */
	parse(block: StepBlock): Own | Problem[];
	/** The same with only these of its lines; null when they are not whole consecutive lines of what it runs. Types without it run as a whole only. */
	part?(spec: StepSpec<Own>, lines: string): Own | null;
	/**
	 * What keeps a step that can be read from ever running as it is written: told with its runbook, so that nobody learns it in
	 * mid-session. Only what is certain from the text. `placeOf` gives the place of an attribute.
	 */
	flaws?(spec: StepSpec<Own>, placeOf: (attribute: string) => SourcePlace): Problem[];
	/**
	 * What is doubtful in a text that a person has just written in place of `before` (empty for a new step), or null: there it
	 * is refused, though a file may hold it. E.g. a line among commands with prompts that has none and would not be run.
	 */
	doubt?(body: string, before: string): Problem | null;
	/** Parameters that the body asks for by itself, e.g. a shell block's `<placeholders>` and unset `$NAMES`. */
	parameters?(spec: StepSpec<Own>): Parameter[];
	/** Variables that the body sets for later steps by itself, e.g. a shell block's `export NAME=...`. */
	sets?(spec: StepSpec<Own>): readonly string[];
	/** It waits for a person, so it can't stand in a group or be a recheck. */
	needsPerson?: boolean;
	/** For steps that ask a person: what is missing of the answers to what the plan asked (`detail`), or null. */
	checkAnswers?(detail: JsonValue, answers: JsonValue): Problem | null;
	/** The risk as far as the text alone tells; `unknown` when only the server can say. */
	risk(spec: StepSpec<Own>): Risk;
}

/** Declares a step type; gives the types of its own part to `parse` and `risk`. */
export function defineStepType<Own>(type: StepType<Own>): StepType<Own> {
	return type;
}

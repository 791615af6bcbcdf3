import type { JsonValue } from "./json.ts";
import type { Expectation, Risk, Until } from "./plan.ts";
import type { Problem, SourcePlace } from "./problem.ts";

export type ParameterType = "string" | "number" | "boolean" | "choice" | "duration" | "target" | "secret";

/** Something that a person is asked before steps run. */
export interface Parameter {
	/** A name that a variable can have: letters, digits, `_`; at most 64. */
	name: string;
	type: ParameterType;
	/** For `target`: the kind of cluster. */
	kind?: string;
	description?: string;
	required: boolean;
	default?: JsonValue;
	choices?: string[];
	/** A regular expression (RE2-like, no look-around) that the whole value must match. */
	pattern?: string;
	/** Declared in the front matter, or found as a `<placeholder>` or an unset `$NAME`. */
	origin: "declared" | "placeholder" | "variable";
}

/** Whether a parameter still needs a value before a session can begin; `value`: what it has so far, blank text is nothing. */
export function needsValue({ required }: Pick<Parameter, "required">, value: JsonValue | undefined): boolean {
	const isBlank = value === undefined || value === null || (typeof value === "string" && value.trim() === "");
	return required && isBlank;
}

/** A fenced block (or a task list) as the parser hands it to a step type. */
export interface StepBlock {
	name: string;
	body: string;
	/** Attributes as written in the fence, joined with the front matter's `steps.<name>`; all strings from fences. */
	attributes: Record<string, JsonValue>;
	/** The place of the fence; the body begins on the next line. For a task list: its first line. */
	place: SourcePlace;
	/** What the runbook declares or captures by name: parameters and captures. */
	names?: readonly string[];
}

/**
 * Front matter's `finally` entry, or a line of the attribute of that name: what is sent whatever happened, once the step's
 * own commands have begun. A step that was not needed, or whose recheck failed, sends none of it.
 */
export interface FinallyLine {
	when?: string;
	run: string;
}

/** A step as written: what every type has, and the type's own part. */
export interface StepSpec<Own = unknown> {
	/** Unique in the runbook; letters, digits, `-`, `_`. */
	name: string;
	/** What a person reads: the `title` attribute, else the name in words. */
	title: string;
	type: string;
	/** The block's text, as written. */
	body: string;
	/** The block's attributes as written (with the front matter's), so that an edited body can be read again. */
	attributes: Record<string, JsonValue>;
	/** A target reference; may hold `{{parameter}}`. */
	target?: string;
	/** The author's word on the risk; the graver of it and the type's own counts. */
	risk?: Risk;
	timeoutMs?: number;
	expect: Expectation[];
	until?: Until;
	when?: string;
	/** What to say when `when` does not hold; `{{expression}}` is filled in at that moment. */
	whenOtherwise?: string;
	capture: { name: string; expression: string }[];
	/** `always` asks even where the risk would not. */
	confirm?: "always";
	excludeFromRunAll: boolean;
	/** How to take it back, in words or commands; shown, not run. */
	undo?: string;
	recheck: string[];
	group?: string;
	finally: FinallyLine[];
	/** What the author expects to see, shown before the run. */
	expected?: string;
	place: SourcePlace;
	own: Own;
}

/** The document in reading order. `html` is sanitised on the server. */
export type DocumentBlock =
	| { kind: "prose"; html: string }
	| { kind: "heading"; level: number; id: string; text: string; html: string }
	| { kind: "step"; step: string };

/** A Markdown runbook, parsed and ready to be planned. */
export interface Runbook {
	/** `folder/path.md`, relative to the configured folder; what links and the record use. */
	path: string;
	/** SHA-256 (hex) of the source's bytes. */
	digest: string;
	title: string;
	/** The first paragraph as text, for lists. */
	summary: string;
	systems: string[];
	severity?: "P0" | "P1" | "P2" | "P3";
	owner?: string;
	/** Stale after this many milliseconds without a passing run. */
	reviewMs?: number;
	objectives: { rtoMs?: number; rpo?: number };
	parameters: Parameter[];
	blocks: DocumentBlock[];
	steps: StepSpec[];
	problems: Problem[];
}

/** A step or a group of consecutive steps: what is confirmed and run as one. */
export interface Unit {
	/** The group's name, or the step's. */
	name: string;
	group: boolean;
	steps: string[];
}

/** Puts consecutive steps of the same group together, in document order. */
export function unitsOf(steps: readonly { name: string; group?: string | undefined }[]): Unit[] {
	const units: Unit[] = [];
	for (const step of steps) {
		const last = units.at(-1);
		if (step.group !== undefined && last?.group && last.name === step.group) last.steps.push(step.name);
		else if (step.group !== undefined) units.push({ name: step.group, group: true, steps: [step.name] });
		else units.push({ name: step.name, group: false, steps: [step.name] });
	}
	return units;
}

/** What a walk through a runbook is unless a person says otherwise: the gravest ones are for when something is broken. */
export function usualSessionKind({ severity }: Pick<Runbook, "severity">): "incident" | "change" {
	return severity === "P0" || severity === "P1" ? "incident" : "change";
}

/** The names that `{{name}}` may have: parameters and captured values. */
export function valueNames(runbook: Pick<Runbook, "parameters" | "steps">): string[] {
	return [...runbook.parameters.map((p) => p.name), ...runbook.steps.flatMap((s) => s.capture.map((c) => c.name))];
}

/** Whether any problem stops the runbook from being run. */
export function hasErrors(problems: readonly Problem[]): boolean {
	return problems.some((p) => p.severity === "error");
}

import type { JsonValue } from "../../core/json.ts";
import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import { recordedObject } from "../../core/recorded.ts";
import { type Runbook, type StepSpec, type Unit, unitsOf, valueNames } from "../../core/runbook.ts";
import type { SessionState, StepState } from "../../core/session-state.ts";
import type { StepType } from "../../core/step-type.ts";

/** Reads Markdown into a runbook. `names`: values that are known besides its own. */
export type ParseRunbook = (source: string, path: string, names?: readonly string[]) => Runbook;

/** A session's runbook: the source that it was opened on, with what was edited and added since. */
export class SessionRunbook {
	readonly #parse: ParseRunbook;
	readonly #types: readonly StepType[];
	readonly #pinned = new Map<string, Runbook>();

	constructor(parse: ParseRunbook, types: readonly StepType[]) {
		this.#parse = parse;
		this.#types = types;
	}

	/** The runbook as it was when the session was opened. */
	pinned(state: SessionState): Runbook {
		// By its path too: its problems name the file, and two files can have the same bytes.
		const { path, digest } = state.runbook;
		const key = `${digest} ${path}`;
		const known = this.#pinned.get(key);
		if (known) return known;
		const runbook = this.#parse(state.source?.content ?? "", path);
		this.#pinned.set(key, runbook);
		return runbook;
	}

	/** A step as it would run now: edited, added or as written. Throws `step-unknown` or what is wrong with the edited text. */
	step(state: SessionState, name: string): StepSpec {
		const known = Object.hasOwn(state.steps, name) ? state.steps[name] : undefined;
		if (!known) throw new ProblemError("step-unknown", `There is no step \`${name}\`.`);
		if (known.added) return this.#added(state, known, known.edited?.body.content);
		const spec = this.pinned(state).steps.find((step) => step.name === name);
		if (!spec) throw new ProblemError("step-unknown", `The runbook's text of \`${name}\` was erased.`);
		return known.edited?.body.content === undefined ? spec : this.reread(state, spec, known.edited.body.content);
	}

	/** The same step with another text. */
	reread(state: SessionState, spec: StepSpec, body: string): StepSpec {
		if (body === spec.body) return spec;
		const type = this.#types.find((t) => t.name === spec.type);
		if (!type) throw new ProblemError("unknown-type", `There is no step type \`${spec.type}\`.`);
		const { name, attributes, place } = spec;
		const own = type.parse({ name, body, attributes, place, names: valueNames(this.pinned(state)) });
		if (Array.isArray(own)) {
			const first = own[0];
			throw first ? refusal(first) : new ProblemError("step-invalid", "The edited step can't be read.");
		}
		return { ...withoutReadWord(spec), body, own };
	}

	/** What is doubtful in a text that a person has just written for a step of this type in place of `before`; null when nothing is. */
	doubt(type: string, body: string, before: string): Problem | null {
		return this.#types.find((t) => t.name === type)?.doubt?.(body, before) ?? null;
	}

	/** The same step with only these of its lines. Throws `bad-request` when they are not whole consecutive lines of its script. */
	part(spec: StepSpec, lines: string): StepSpec {
		const own = this.#types.find((t) => t.name === spec.type)?.part?.(spec, lines) ?? null;
		if (own === null) {
			throw new ProblemError("bad-request", `These are not whole lines of the script of \`${spec.name}\`.`, {
				next: "Choose lines that follow each other as they stand in the step, or edit the step.",
			});
		}
		return { ...withoutReadWord(spec), body: lines, own, expect: [], capture: [] };
	}

	/** The units of a session in order, with what was added. */
	units(state: SessionState): Unit[] {
		return unitsOf(state.order.map((name) => ({ name, group: state.steps[name]?.group })));
	}

	/** The names of the values that a session can have: parameters, captures, and whatever its steps as they are now read or export. */
	valueNames(state: SessionState): Set<string> {
		const names = new Set(valueNames(this.pinned(state)));
		for (const name of state.order) {
			const spec = this.#readable(state, name);
			if (!spec) continue;
			const type = this.#types.find((t) => t.name === spec.type);
			for (const parameter of type?.parameters?.(spec) ?? []) names.add(parameter.name);
			for (const set of type?.sets?.(spec) ?? []) names.add(set);
			for (const { name: captured } of spec.capture) names.add(captured);
			for (const text of [spec.body, spec.target ?? "", ...spec.finally.map((line) => line.run)]) {
				for (const [, read] of text.matchAll(/\{\{[ \t]*([A-Za-z_]\w*)/g)) if (read !== undefined) names.add(read);
			}
		}
		return names;
	}

	/** A step, or null when its text was erased. */
	#readable(state: SessionState, name: string): StepSpec | null {
		try {
			return this.step(state, name);
		} catch (error) {
			if (error instanceof ProblemError) return null;
			throw error;
		}
	}

	/** Reads a step that a person adds; throws what is wrong with it. */
	readAdded(
		state: SessionState,
		type: string,
		name: string,
		body: string,
		attributes: Record<string, JsonValue>,
	): StepSpec {
		// A fence of tildes: the info string of one of backquotes can't hold a backquote.
		const fence = "~".repeat(Math.max(3, longestRun(body) + 1));
		const info = `${type} ${JSON.stringify({ ...attributes, name })}`;
		const names = valueNames(this.pinned(state));
		const runbook = this.#parse(`${fence}${info}\n${body}\n${fence}\n`, "added.md", names);
		const wrong = runbook.problems.find((p) => p.severity === "error");
		const spec = runbook.steps[0];
		if (wrong) throw ProblemError.of({ ...wrong });
		if (!spec) throw refusal(problem("step-empty", "There is no command in it."));
		return spec;
	}

	#added(state: SessionState, known: StepState, edited: string | undefined): StepSpec {
		const body = edited ?? known.added?.body.content;
		const attributes = recordedObject(known.added?.attributes);
		if (body === undefined || attributes === null) {
			throw ProblemError.of(problem("step-unknown", `The text of \`${known.name}\` was erased.`));
		}
		return this.readAdded(state, known.type, known.name, body, attributes);
	}
}

/** The author's word that a text only reads holds for that text, whole. That it does more than it seems to still holds for another. */
function withoutReadWord({ risk, ...spec }: StepSpec): StepSpec {
	return risk === undefined || risk === "read" ? spec : { ...spec, risk };
}

/** What a runbook is only warned of, a session refuses; there a step is left out by skipping it. */
function refusal(what: Problem): ProblemError {
	const next = what.code === "step-empty" ? { next: "Write a command into it; to leave the step out, skip it." } : {};
	return ProblemError.of({ ...what, severity: "error", ...next });
}

function longestRun(text: string): number {
	return Math.max(0, ...[...text.matchAll(/~+/g)].map((m) => m[0].length));
}

import { createTwoFilesPatch } from "diff";
import { ProblemError } from "../../core/problem.ts";
import type { ProblemCode } from "../../core/problem-catalogue.ts";
import type { StepSpec } from "../../core/runbook.ts";
import type { CommandOf } from "../../core/session-command.ts";
import type { SessionState } from "../../core/session-state.ts";
import type { Planner } from "./planner.ts";
import type { SessionRunbook } from "./session-runbook.ts";

/** A step that a person adds: after which one (null: first), what it is and where it runs. */
export interface AddedText {
	after: string | null;
	type: "shell" | "redis";
	title: string;
	body: string;
	target?: string;
}

/** What stops a step for now, and goes without a change of its text. */
const onlyWaits: ReadonlySet<ProblemCode> = new Set([
	"value-missing",
	"parameter-missing",
	"target-unreachable",
	"topology-disputed",
	"directory-gone",
]);

/**
 * The texts that people write into a session. One that can't be run is refused while its author is still there: each method
 * throws what stops it. What only waits (for a value, for a cluster that does not answer) is none of the text's fault.
 */
export class StepTexts {
	readonly #planner: Planner;
	readonly #runbooks: SessionRunbook;

	constructor(planner: Planner, runbooks: SessionRunbook) {
		this.#planner = planner;
		this.#runbooks = runbooks;
	}

	/** The command that edits a step. What stops the step as it stands now, too, does not stop its edit. */
	async edit(
		state: () => SessionState,
		step: string,
		body: string,
		reason: string | undefined,
	): Promise<CommandOf<"edit-step">> {
		const before = this.#runbooks.step(state(), step);
		const edited = this.#runbooks.reread(state(), before, body);
		const doubt = this.#runbooks.doubt(edited.type, body, before.body);
		if (doubt !== null) throw ProblemError.of(doubt);
		const wrong = await this.#obstacle(state(), edited);
		const stands = wrong === null ? null : await this.#planner.obstacleTo(state(), before);
		if (wrong !== null && wrong.code !== stands?.code) throw ProblemError.of(wrong);
		// Another person may have edited it while this text was looked at.
		const shown = this.#runbooks.step(state(), step);
		const diff = createTwoFilesPatch(step, step, `${shown.body}\n`, `${body}\n`, "shown", "edited");
		return { type: "edit-step", step, body, diff, ...(reason === undefined ? {} : { reason }) };
	}

	/** The command that adds a step, under a name that nothing in the session has. */
	async add(
		state: () => SessionState,
		{ after, type, title, body, target }: AddedText,
	): Promise<CommandOf<"add-step">> {
		const attributes = { title, ...(target === undefined ? {} : { target }) };
		const added = this.#runbooks.readAdded(state(), type, freeName(state(), title), body, attributes);
		const wrong = this.#runbooks.doubt(added.type, body, "") ?? (await this.#obstacle(state(), added));
		if (wrong !== null) throw ProblemError.of(wrong);
		// Another person may have taken the name while this text was looked at.
		return { type: "add-step", step: freeName(state(), title), stepType: type, after, body, attributes };
	}

	async #obstacle(state: SessionState, spec: StepSpec) {
		const wrong = await this.#planner.obstacleTo(state, spec);
		return wrong !== null && onlyWaits.has(wrong.code) ? null : wrong;
	}
}

/** A name for a step that a person adds: from its title, unused so far. */
function freeName(state: SessionState, title: string): string {
	const base =
		title
			.toLowerCase()
			.replace(/[^a-z0-9]+/g, "-")
			.replace(/^-+|-+$/g, "")
			.slice(0, 50) || "added";
	for (let n = 1; ; n++) {
		const name = n === 1 ? base : `${base}-${n}`;
		if (!Object.hasOwn(state.steps, name)) return name;
	}
}

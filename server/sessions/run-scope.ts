import { evaluateExpression } from "../../core/expression.ts";
import { topologyForExpressions } from "../../core/expression-topology.ts";
import { StepWork } from "../../core/expression-work.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { PlanCommand, StepPlan } from "../../core/plan.ts";
import { ProblemError } from "../../core/problem.ts";
import type { Parameter } from "../../core/runbook.ts";
import { splitAddress, type Topology } from "../../core/target.ts";
import { foldName } from "../../core/variable-name.ts";
import { typedValue } from "./parameter-values.ts";

/** What the expressions of one unit see, and what its steps have captured so far. */
export class UnitScope {
	readonly #values: Map<string, JsonValue>;
	/** The step that gave a value, of those that this unit has captured. */
	readonly #givenBy = new Map<string, string>();
	readonly #exported = new Map<string, JsonValue>();
	readonly #parameters: readonly Pick<Parameter, "name" | "type">[];
	readonly #before: ReadonlyMap<string, Topology>;
	readonly #now: Map<string, Topology>;
	readonly #monoMs: () => number;
	#firstSentMs: number | null = null;
	#work: StepWork | undefined;

	constructor(
		values: ReadonlyMap<string, JsonValue>,
		parameters: readonly Pick<Parameter, "name" | "type">[],
		before: ReadonlyMap<string, Topology>,
		monoMs: () => number,
	) {
		this.#values = new Map(values);
		this.#parameters = parameters;
		this.#before = before;
		this.#now = new Map(before);
		this.#monoMs = monoMs;
	}

	/** From here on it is this step whose expressions are evaluated, or its `finally`: they have one budget of work together. */
	begin(step: string): void {
		this.#work = new StepWork(step);
	}

	/** Marks when the unit's first command went out; `unit.elapsedMs` counts from then. */
	commandSent(): void {
		this.#firstSentMs ??= this.#monoMs();
	}

	/** Keeps the latest topology for expressions that look at it. */
	saw(topology: Topology): void {
		this.#now.set(topology.cluster, topology);
	}

	/** Keeps what a step of the unit, or a check that ran again in it, has found. */
	capture(step: string, name: string, value: JsonValue): void {
		this.#values.set(name, value);
		this.#givenBy.set(name, step);
	}

	/**
	 * Keeps what a step exported under any spelling of a value's name: it is that value from now on, as one that was captured.
	 * A variable that is no value's stays only in the shell's environment.
	 */
	exported(step: string, variable: string, text: string, secrets: ReadonlyMap<string, JsonValue>): void {
		const spelling = foldName(variable);
		for (const name of [...this.#values.keys(), ...secrets.keys()]) {
			const before = this.#values.get(name) ?? secrets.get(name);
			if (foldName(name) !== spelling || before === undefined || plainText(before) === text) continue;
			const parameter = this.#parameters.find((known) => known.name === name);
			const value = parameter ? typedValue(parameter, text) : text;
			this.capture(step, name, value);
			this.#exported.set(name, value);
		}
	}

	/** Values that were exported since this was last asked. */
	takeExported(): Record<string, JsonValue> {
		const exported = Object.fromEntries(this.#exported);
		this.#exported.clear();
		return exported;
	}

	/** The step of this unit that gave the value; undefined when none has. */
	givenBy(name: string): string | undefined {
		return this.#givenBy.get(name);
	}

	/** Values as the unit began with them, and what it has captured since. */
	get values(): ReadonlyMap<string, JsonValue> {
		return this.#values;
	}

	value(name: string): JsonValue | undefined {
		return this.#values.get(name);
	}

	/** The scope of a step: its cluster's topology stands as `topology` and `before`. */
	of(plan: StepPlan): JsonObject {
		const cluster = clusterOf(plan);
		const shown = (topology: Topology | undefined): JsonValue => (topology ? topologyForExpressions(topology) : null);
		return {
			params: this.#params(),
			values: Object.fromEntries(this.#values),
			topology: shown(cluster === null ? undefined : this.#now.get(cluster)),
			before: shown(cluster === null ? undefined : this.#before.get(cluster)),
			unit: { elapsedMs: this.#firstSentMs === null ? 0 : Math.round(this.#monoMs() - this.#firstSentMs) },
		};
	}

	/** Parameters as they are now: a person or a step may have given them another value since the session was opened. */
	#params(): JsonObject {
		return Object.fromEntries(
			this.#parameters.flatMap((parameter) => {
				const value = this.#values.get(parameter.name);
				return value === undefined ? [] : [[parameter.name, typedValue(parameter, value)]];
			}),
		);
	}

	/** Evaluates an expression of the step, within what its others have left of the budget. */
	evaluate(plan: StepPlan, expression: string, extra: JsonObject): JsonValue {
		return evaluateExpression(expression, this.#seen(plan, extra), this.#work);
	}

	/** One look of an `until`, which has a budget of its own each time: how often it looks is no fault of it. */
	look(plan: StepPlan, expression: string, extra: JsonObject): JsonValue {
		return evaluateExpression(expression, this.#seen(plan, extra));
	}

	#seen(plan: StepPlan, extra: JsonObject): JsonObject {
		return { result: null, output: "", exitCode: null, ...this.of(plan), ...extra };
	}

	/** Whether an expression holds: only `true` does. */
	holds(plan: StepPlan, expression: string, extra: JsonObject): boolean {
		return this.evaluate(plan, expression, extra) === true;
	}

	/** Fills `{{expression}}` in a sentence for a person, lists as they are read aloud; what can't be evaluated stays as it is. */
	sentence(plan: StepPlan, text: string, extra: JsonObject): string {
		return text.replace(/\{\{(.+?)\}\}/g, (written, expression: string) => {
			try {
				return inSentence(this.evaluate(plan, expression.trim(), extra));
			} catch {
				return written;
			}
		});
	}

	/** Puts values, captured ones unless told, in the places of the placeholders in a command's arguments, each checked against the set it must belong to. */
	fill(command: PlanCommand, values: ReadonlyMap<string, JsonValue> = this.#values): PlanCommand {
		if (!command.placeholders || command.placeholders.length === 0) return command;
		const replacements = new Map<string, string>();
		for (const placeholder of command.placeholders) {
			const value = values.get(placeholder.name);
			if (value === undefined || value === null || typeof value === "object") {
				throw new ProblemError("value-missing", `\`${placeholder.name}\` of \`${placeholder.from}\` is not known.`);
			}
			if (placeholder.memberOf !== undefined && !this.#isMember(placeholder.memberOf, String(value))) {
				throw new ProblemError("check-failed", `${String(value)} is no member of ${placeholder.memberOf}.`, {
					next: "Look at the topology: the cluster names a node that it did not have when the plan was made.",
				});
			}
			replacements.set(placeholder.name, String(value));
		}
		const { placeholders } = command;
		const argv = command.argv?.map((argument, index) => {
			const holes = placeholders.flatMap(({ name, at }) =>
				(at ?? []).filter((hole) => hole.argument === index).map(({ offset }) => ({ name, offset })),
			);
			// From the end, so that the places before stay where they are.
			return holes
				.sort((a, b) => b.offset - a.offset)
				.reduce(
					(text, { name, offset }) =>
						text.slice(0, offset) + (replacements.get(name) ?? "") + text.slice(offset + `{{${name}}}`.length),
					argument,
				);
		});
		return { ...command, ...(argv ? { argv } : {}) };
	}

	#isMember(cluster: string, value: string): boolean {
		const members = this.#before.get(cluster)?.members ?? [];
		return members.some((member) => {
			const [host, port] = splitAddress(member.address);
			return value === member.address || value === host || value === String(port);
		});
	}
}

function plainText(value: JsonValue): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}

function inSentence(value: JsonValue): string {
	if (typeof value === "string") return value;
	if (!Array.isArray(value)) return JSON.stringify(value);
	return value.length === 0 ? "none" : value.map(inSentence).join(", ");
}

/** The cluster whose topology a step's expressions see: that of its first command, or the one that it only looks at. */
export function clusterOf(plan: StepPlan): string | null {
	return plan.commands[0]?.node.cluster ?? plan.finally[0]?.command.node.cluster ?? plan.watches?.cluster ?? null;
}

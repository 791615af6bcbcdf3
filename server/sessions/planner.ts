import { createHash, createHmac } from "node:crypto";
import { confirmationNeeded } from "../../core/decide-run.ts";
import type { JsonValue } from "../../core/json.ts";
import { composePlan, type Plan, type StepPlan } from "../../core/plan.ts";
import { isProblem, type Problem, ProblemError, problem } from "../../core/problem.ts";
import type { Parameter, StepSpec, Unit } from "../../core/runbook.ts";
import type { SessionState } from "../../core/session-state.ts";
import { type PlanNode, parseTargetReference, resolveTarget, type Topology } from "../../core/target.ts";
import type { CarriedEnvironment, PlanContext, StepExecutor } from "../../steps/step-executor.ts";
import type { NodeConnection, TargetHost, TargetKind } from "../../targets/target-kind.ts";
import { ReadValues } from "./read-values.ts";
import type { SessionRunbook } from "./session-runbook.ts";
import { plainValues, type SecretValues, substitute } from "./session-values.ts";
import type { Topologies } from "./topologies.ts";

export interface PlannerParts {
	topologies: Topologies;
	runbooks: SessionRunbook;
	secrets: SecretValues;
	carried(session: string, node: string): CarriedEnvironment;
	executorOf(type: string): StepExecutor;
	host: TargetHost;
	/** Whether a captured value of this name stays out of the record. */
	isSecretName(name: string): boolean;
	/** HMAC key of a session's variables. */
	sessionKey(session: string): Buffer;
	defaultTimeoutMs: number;
}

/** A plan with what the runner needs beside it. */
export interface PlannedUnit {
	plan: Plan;
	confirmation: "none" | "key" | "typed";
	specs: Map<string, StepSpec>;
	/** The topologies that the plan was resolved over. */
	topologies: Map<string, Topology>;
	/** What the runbook declares, whoever gave the values. */
	parameters: readonly Parameter[];
	/** By step, the values that its plan was made with. What an earlier step of the unit is yet to capture is not among them. */
	values: ReadonlyMap<string, ReadonlyMap<string, JsonValue>>;
}

/** Makes plans: off the queue, by read-only connections. */
export class Planner {
	readonly #parts: PlannerParts;

	constructor(parts: PlannerParts) {
		this.#parts = parts;
	}

	/** The plan of a unit as it is now; throws the problem that stops it. */
	async plan(state: SessionState, unitName: string, selection?: string): Promise<PlannedUnit> {
		const unit = this.#unit(state, unitName);
		const specs = new Map<string, StepSpec>();
		for (const name of unit.steps) specs.set(name, this.#parts.runbooks.step(state, name));
		if (selection !== undefined) {
			const only = unit.steps[0];
			const spec = only === undefined ? undefined : specs.get(only);
			if (unit.steps.length !== 1 || !spec) {
				throw new ProblemError("bad-request", "Lines of a group can't be run alone.");
			}
			specs.set(spec.name, this.#parts.runbooks.part(spec, selection));
		}
		const recheckNames = [...new Set([...specs.values()].flatMap((spec) => spec.recheck))];
		for (const name of recheckNames) if (!specs.has(name)) specs.set(name, this.#parts.runbooks.step(state, name));

		const topologies = await this.#readTopologies(state, [...specs.values()]);
		const connections = new Connections(this.#parts);
		try {
			const pending = new Map<string, { from: string; expression: string }>();
			const steps: StepPlan[] = [];
			const values = new Map<string, ReadonlyMap<string, JsonValue>>();
			for (const name of unit.steps) {
				const spec = specs.get(name) as StepSpec;
				const context = this.#context(state, spec, topologies, pending, connections);
				steps.push(await this.#planStep(spec, context));
				values.set(name, context.values.read);
				for (const { name: value, expression } of spec.capture) {
					if (unit.group) pending.set(value, { from: name, expression });
				}
			}
			const rechecks: StepPlan[] = [];
			for (const name of recheckNames) {
				const spec = specs.get(name) as StepSpec;
				const plan = await this.#planStep(spec, this.#context(state, spec, topologies, new Map(), connections));
				if (plan.risk !== "read") {
					throw new ProblemError("plan-failed", `“${spec.title}” can't be a recheck: it does not only read.`, {
						next: "A script that was edited in this session counts as changing something: only its author's text was marked as reading.",
					});
				}
				rechecks.push(plan);
			}
			const plan = composePlan(
				{ session: state.session, unit: unit.name, runbook: state.runbook.digest, steps, rechecks },
				(bytes) => createHash("sha256").update(bytes).digest(),
				(text) => Buffer.from(text, "utf8"),
			);
			const always = unit.steps.some((name) => specs.get(name)?.confirm === "always");
			const { parameters } = this.#parts.runbooks.pinned(state);
			return { plan, confirmation: confirmationNeeded(plan, always), specs, topologies, parameters, values };
		} finally {
			await connections.close();
		}
	}

	/** What stops a step as it is given here, alone, from being planned now; null when nothing does. */
	async obstacleTo(state: SessionState, spec: StepSpec): Promise<Problem | null> {
		const unit = this.#parts.runbooks.units(state).find((u) => u.steps.includes(spec.name));
		const before = unit?.steps.slice(0, unit.steps.indexOf(spec.name)) ?? [];
		const pending = before.flatMap((name) =>
			this.#parts.runbooks.step(state, name).capture.map((c) => [c.name, { from: name, ...c }] as const),
		);
		const topologies = await this.#readTopologies(state, [spec]);
		const connections = new Connections(this.#parts);
		try {
			await this.#planStep(spec, this.#context(state, spec, topologies, new Map(pending), connections));
			return null;
		} catch (error) {
			if (error instanceof ProblemError) return error.problem;
			throw error;
		} finally {
			await connections.close();
		}
	}

	#unit(state: SessionState, name: string): Unit {
		const unit = this.#parts.runbooks.units(state).find((u) => u.name === name || u.steps.includes(name));
		if (!unit) throw new ProblemError("step-unknown", `There is no step \`${name}\`.`);
		return unit;
	}

	/** HMAC-SHA256 (hex) of a value under its session's key, as plans show it. */
	hmac(session: string, value: string): string {
		return createHmac("sha256", this.#parts.sessionKey(session)).update(value).digest("hex");
	}

	async #planStep(spec: StepSpec, context: PlanContext): Promise<StepPlan> {
		const planned = await this.#parts.executorOf(spec.type).plan(spec, context);
		if (Array.isArray(planned)) {
			const first = planned[0];
			throw first ? ProblemError.of(first) : new ProblemError("plan-failed", `\`${spec.name}\` can't be planned.`);
		}
		return planned;
	}

	#context(
		state: SessionState,
		spec: StepSpec,
		topologies: Map<string, Topology>,
		pending: ReadonlyMap<string, { from: string; expression: string }>,
		connections: Connections,
	): PlanContext & { values: ReadValues } {
		const secrets = this.#parts.secrets.of(state.session);
		const values = new ReadValues([...withoutPending(plainValues(state), pending), ...secrets]);
		// What a step of this unit will capture is a secret by its name before it has a value, as it is afterwards.
		const [pendingSecrets, pendingNames] = partition([...pending.keys()], this.#parts.isSecretName);
		const secretNames = [
			...new Set([
				...Object.entries(state.values)
					.filter(([, v]) => v.secret)
					.map(([name]) => name),
				...pendingSecrets,
			]),
		];
		const names = {
			values,
			pending: new Set(pendingNames),
			secrets: new Set(secretNames),
			attribute: (target: string, attribute: string) => this.#attribute(target, attribute),
		};
		const topology = (cluster: string): Topology | Problem =>
			topologies.get(cluster) ?? problem("target-unknown", `There is no target \`${cluster}\`.`);
		return {
			session: state.session,
			values,
			pending,
			secrets: secretNames,
			substitute: (text) => substitute(text, names),
			resolve: (reference) => {
				const filled = substitute(reference, names);
				if (isProblem(filled)) return filled;
				return this.#resolve(filled.text, topology);
			},
			topology,
			connect: (kind, node) => connections.open(kind, node),
			hmac: (value) => this.hmac(state.session, value),
			carried: this.#parts.carried(state.session, "local"),
			timeoutMs: spec.timeoutMs ?? this.#parts.defaultTimeoutMs,
		};
	}

	#resolve(reference: string, topology: (cluster: string) => Topology | Problem): PlanNode | Problem {
		const parsed = parseTargetReference(reference);
		if (isProblem(parsed)) return parsed;
		const read = topology(parsed.cluster);
		if (isProblem(read)) return read;
		const configured = this.#parts.topologies.configured(parsed.cluster);
		return resolveTarget(read, parsed, isProblem(configured) ? undefined : configured.kind.defaultRole);
	}

	#attribute(target: string, attribute: string): JsonValue | undefined {
		const configured = this.#parts.topologies.configured(target);
		if (isProblem(configured)) return undefined;
		const attributes = configured.kind.attributes(configured.target);
		return Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
	}

	/** Reads, side by side, every cluster that a step's target, body or `finally` names. */
	async #readTopologies(state: SessionState, specs: StepSpec[]): Promise<Map<string, Topology>> {
		const values = plainValues(state);
		const texts = specs.flatMap((spec) => [
			spec.target ?? "local",
			...mentions(spec.body),
			...spec.finally.flatMap((line) => mentions(line.run)),
		]);
		const clusters = new Set<string>(["local"]);
		for (const text of texts) {
			const filled = substitute(text, {
				values,
				pending: new Set(),
				secrets: new Set(),
				attribute: (target, attribute) => this.#attribute(target, attribute),
			});
			if (isProblem(filled)) continue;
			const parsed = parseTargetReference(filled.text);
			if (!isProblem(parsed)) clusters.add(parsed.cluster);
		}
		const read = new Map<string, Topology>();
		await Promise.all(
			[...clusters].map(async (cluster) => {
				const topology = await this.#parts.topologies.read(cluster);
				if (!isProblem(topology)) read.set(cluster, topology);
			}),
		);
		return read;
	}
}

/** What an earlier step of the group will capture anew is not known yet, also when an earlier attempt left a value. */
function withoutPending(values: Map<string, JsonValue>, pending: ReadonlyMap<string, unknown>): Map<string, JsonValue> {
	for (const name of pending.keys()) values.delete(name);
	return values;
}

function partition(names: readonly string[], first: (name: string) => boolean): [string[], string[]] {
	return [names.filter(first), names.filter((name) => !first(name))];
}

/** The references at the starts of lines: `@orders.sentinel SENTINEL ...`. */
function mentions(body: string): string[] {
	return [...body.matchAll(/^\s*@(\S+)/gm)].map((match) => match[1] ?? "");
}

/** Read-only connections of one planning, closed together. */
class Connections {
	readonly #parts: PlannerParts;
	readonly #open = new Map<string, Promise<NodeConnection>>();

	constructor(parts: PlannerParts) {
		this.#parts = parts;
	}

	open<C, N extends NodeConnection>(kind: TargetKind<C, N>, node: PlanNode): Promise<N> {
		const key = `${node.cluster} ${node.address}`;
		const known = this.#open.get(key);
		if (known) return known as Promise<N>;
		const configured = this.#parts.topologies.configured(node.cluster);
		if (isProblem(configured)) throw ProblemError.of(configured);
		const opening = kind.connect(configured.target as never, node, this.#parts.host);
		this.#open.set(key, opening);
		return opening;
	}

	async close(): Promise<void> {
		for (const opening of this.#open.values()) {
			await opening.then((connection) => connection.close()).catch(() => undefined);
		}
	}
}

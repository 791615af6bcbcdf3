import { setTimeout as delay } from "node:timers/promises";
import type { JsonValue } from "../../core/json.ts";
import type { StepPlan } from "../../core/plan.ts";
import { isProblem, ProblemError } from "../../core/problem.ts";
import { parseTargetReference, resolveTarget } from "../../core/target.ts";
import type { CarriedEnvironment, RunContext } from "../../steps/step-executor.ts";
import type { NodeConnection, TargetHost } from "../../targets/target-kind.ts";
import type { RunTerminalHandle } from "../terminals/run-terminal.ts";
import type { RunCommands } from "./run-commands.ts";
import type { UnitScope } from "./run-scope.ts";
import type { Topologies } from "./topologies.ts";

/** Values, secrets among them, and what shells had exported when a step began. */
export interface BoundValues {
	values: ReadonlyMap<string, JsonValue>;
	carried: CarriedEnvironment;
}

/** What a run's context is made of. */
export interface RunContextParts {
	session: string;
	run: string;
	plan: StepPlan;
	terminal: RunTerminalHandle;
	commands: RunCommands;
	scope: UnitScope;
	signal: AbortSignal;
	topologies: Topologies;
	host: TargetHost;
	/** Parameters, values and secrets, for the environment of shell steps. */
	values: ReadonlyMap<string, JsonValue>;
	hmac: RunContext["hmac"];
	carried(): CarriedEnvironment;
	/** For a `finally`: what its step began with, which counts instead of what is there now. */
	bound?: BoundValues;
	carry: RunContext["carry"];
	progress: RunContext["progress"];
	answers(signal: AbortSignal): Promise<JsonValue>;
}

/** Builds the context of a run; `dispose` closes its connections. */
export function createRunContext(parts: RunContextParts): { context: RunContext; dispose(): Promise<void> } {
	const { scope, plan, topologies, signal, terminal, bound } = parts;
	const valueOf = (name: string): JsonValue | undefined => {
		if (!bound) return scope.value(name) ?? parts.values.get(name);
		// What the step itself captured under a name that nothing had is for its `finally`, too.
		return bound.values.get(name) ?? (scope.givenBy(name) === plan.step ? scope.value(name) : undefined);
	};
	const connections: Promise<NodeConnection>[] = [];
	const readTopology = async (cluster: string) => {
		const topology = await topologies.read(cluster);
		if (isProblem(topology)) throw ProblemError.of(topology);
		scope.saw(topology);
		return topology;
	};
	const context: RunContext = {
		session: parts.session,
		run: parts.run,
		step: plan.step,
		terminal,
		signal,
		scope: () => scope.of(plan),
		evaluate: (expression, extra = {}) => scope.look(plan, expression, { output: terminal.outputText(), ...extra }),
		fill: (command) => scope.fill(command, bound?.values),
		connect: (kind, node) => {
			signal.throwIfAborted();
			const configured = topologies.configured(node.cluster);
			if (isProblem(configured)) throw ProblemError.of(configured);
			const connecting = kind.connect(configured.target as never, node, parts.host);
			connections.push(connecting);
			return connecting;
		},
		topology: readTopology,
		resolveAnew: async (reference) => {
			const parsed = parseTargetReference(reference);
			if (isProblem(parsed)) return parsed;
			const configured = topologies.configured(parsed.cluster);
			if (isProblem(configured)) return configured;
			return resolveTarget(await readTopology(parsed.cluster), parsed, configured.kind.defaultRole);
		},
		sent: (command) => parts.commands.sent(command, signal),
		progress: parts.progress,
		variable: (name) => {
			const value = valueOf(name);
			if (value === undefined || value === null) return undefined;
			return typeof value === "string" ? value : JSON.stringify(value);
		},
		hmac: parts.hmac,
		carry: parts.carry,
		get carried() {
			return bound?.carried ?? parts.carried();
		},
		answers: () => parts.answers(signal),
		sleep: async (ms) => {
			try {
				await delay(ms, undefined, { signal });
			} catch {
				throw signal.reason;
			}
		},
	};
	return {
		context,
		dispose: async () => {
			for (const connecting of connections) {
				await connecting.then((connection) => connection.close()).catch(() => undefined);
			}
		},
	};
}

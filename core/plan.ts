import type { JsonValue } from "./json.ts";
import { canonicalJson } from "./record/canonical-json.ts";
import { type Environment, environments, type PlanNode } from "./target.ts";

/** What a command may do: `unknown` asks like a change, except on a lab. */
export type Risk = "read" | "change" | "destructive" | "unknown";

const riskOrder: readonly Risk[] = ["read", "unknown", "change", "destructive"];

/** The graver of several risks; `read` for none. */
export function gravestRisk(risks: Iterable<Risk>): Risk {
	let gravest = 0;
	for (const risk of risks) gravest = Math.max(gravest, riskOrder.indexOf(risk));
	return riskOrder[gravest] ?? "destructive";
}

/**
 * A value that only the run can know, e.g. the address of a master that is yet to be promoted.
 * The plan keeps its name, where it comes from and the set it must belong to; what was sent is recorded.
 */
export interface Placeholder {
	/** As it stands in the text: `{{name}}`. */
	name: string;
	/** Where it stands in a command's arguments, in characters. The same text elsewhere is a value, and stays. */
	at?: { argument: number; offset: number }[];
	/** The step whose capture gives it. */
	from: string;
	/** The capture's expression. */
	expression: string;
	/** The value must be the address, host or port of a member of this cluster. */
	memberOf?: string;
}

/** One command of a plan: its node and its exact text. */
export interface PlanCommand {
	node: PlanNode;
	/** The reference as the author wrote it, e.g. `orders.master`. */
	reference: string;
	/** What is sent, apart from the named placeholders. */
	text: string;
	/** The same as arguments, for types whose commands have them. */
	argv?: string[];
	risk: Risk;
	placeholders?: Placeholder[];
}

/**
 * A command that runs once, whatever happened, after the first of its step's own commands has gone out; in a group, when
 * the group has ended. `when` (an expression) decides at that moment.
 */
export interface FinallyCommand {
	when?: string;
	command: PlanCommand;
}

/** A check after the run: the expression, and what to say when it does not hold; `{{expression}}` in that is filled in at that moment. */
export interface Expectation {
	that: string;
	otherwise?: string;
}

/** Repeat the last command until the expression holds. Times in milliseconds. */
export interface Until {
	expression: string;
	everyMs: number;
	timeoutMs: number;
	/** What to say when it never held; `{{expression}}` in that is filled in with what came last. */
	otherwise?: string;
}

/** What one step will do, all of it. */
export interface StepPlan {
	step: string;
	type: string;
	commands: PlanCommand[];
	finally: FinallyCommand[];
	/** Shell steps: null is the session's own directory. */
	cwd: string | null;
	interpreter: string | null;
	/** Names of the variables handed over and an HMAC-SHA256 (hex) of each value. */
	variables: { name: string; hmac: string }[];
	/** Names of the secrets among them. */
	secrets: string[];
	risk: Risk;
	timeoutMs: number;
	when?: string;
	/** What to say when `when` does not hold; `{{expression}}` is filled in at that moment. */
	whenOtherwise?: string;
	until?: Until;
	expect: Expectation[];
	capture: { name: string; expression: string }[];
	/** The cluster that it looks at without a command to one of its nodes, as a `wait` does. */
	watches?: Pick<PlanNode, "cluster" | "environment">;
	/** Names of the read steps that run again immediately before the first command. */
	recheck: string[];
	/** What else the type's executor and view need, e.g. a checklist's questions. Part of the digest. */
	detail?: JsonValue;
}

/** What a responder reads, an approver approves, `run.started` records and `execute` receives: one value with one digest. */
export interface Plan {
	v: 1;
	session: string;
	/** The step's or the group's name. */
	unit: string;
	/** SHA-256 (hex) of the runbook's source. */
	runbook: string;
	/** The gravest environment among the nodes, and of what is only looked at. */
	environment: Environment;
	risk: Risk;
	/** The steps that run again before the first command. */
	rechecks: StepPlan[];
	steps: StepPlan[];
	/** SHA-256 (hex) of the canonical JSON of all the above. Never covers lag or time. */
	digest: string;
}

/** The gravest of several environments; `lab` for none. */
export function gravestEnvironment(several: Iterable<Environment>): Environment {
	let gravest = 0;
	for (const environment of several) gravest = Math.max(gravest, environments.indexOf(environment));
	return environments[gravest] ?? "production";
}

/** Hashes bytes with SHA-256. Handed in: Node's on the server, noble's in the browser. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** Lower-case hex of bytes. */
export function toHex(bytes: Uint8Array): string {
	let hex = "";
	for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
	return hex;
}

/** Puts the plans of a unit's steps together and seals them with a digest. */
export function composePlan(
	parts: { session: string; unit: string; runbook: string; steps: StepPlan[]; rechecks: StepPlan[] },
	sha256: Sha256,
	encode: (text: string) => Uint8Array,
): Plan {
	const clusters = clustersTouched(parts.steps);
	const body = {
		v: 1 as const,
		session: parts.session,
		unit: parts.unit,
		runbook: parts.runbook,
		environment: gravestEnvironment(clusters.map((n) => n.environment)),
		risk: gravestRisk(parts.steps.map((s) => s.risk)),
		rechecks: parts.rechecks,
		steps: parts.steps,
	};
	return { ...body, digest: toHex(sha256(encode(canonicalJson(body as unknown as JsonValue)))) };
}

/** Every node that the plan touches, by its commands and by its `finally`, each once, in the order of first use. */
export function planNodes(plan: Pick<Plan, "steps">): PlanNode[] {
	const seen = new Map<string, PlanNode>();
	for (const { node } of plan.steps.flatMap(commandsOf)) {
		const key = `${node.cluster} ${node.address}`;
		if (!seen.has(key)) seen.set(key, node);
	}
	return [...seen.values()];
}

/** Where steps act or look: the cluster of every command, `finally` among them, and what is looked at without one. */
export function clustersTouched(steps: readonly StepPlan[]): Pick<PlanNode, "cluster" | "environment">[] {
	return [...planNodes({ steps: [...steps] }), ...steps.flatMap(({ watches }) => watches ?? [])];
}

/**
 * The clusters of which one must be typed before a destructive plan runs: those that its destructive commands go to,
 * `finally` among them, and of these the ones outside labs, where there are any. A step that its author calls destructive
 * counts with all its commands. Never empty for a plan that has commands.
 */
export function clustersToName(plan: Pick<Plan, "steps">): string[] {
	const destroying = plan.steps.flatMap((step) => {
		const commands = commandsOf(step);
		const destructive = commands.filter((command) => command.risk === "destructive");
		return destructive.length === 0 && step.risk === "destructive" ? commands : destructive;
	});
	const nodes = destroying.length === 0 ? planNodes(plan) : destroying.map((command) => command.node);
	const grave = nodes.filter((node) => node.environment !== "lab");
	return [...new Set((grave.length === 0 ? nodes : grave).map((node) => node.cluster))];
}

function commandsOf(step: StepPlan): PlanCommand[] {
	return [...step.commands, ...step.finally.map((final) => final.command)];
}

import type { JsonValue } from "../core/json.ts";
import type { FinallyCommand, PlanCommand, StepPlan } from "../core/plan.ts";
import type { Problem } from "../core/problem.ts";
import type { StepSpec } from "../core/runbook.ts";
import type { PlanNode, Topology } from "../core/target.ts";
import type { NodeConnection, TargetKind } from "../targets/target-kind.ts";

/** The names that expressions see. */
export type ExpressionScope = Record<string, JsonValue>;

/** A text with its values in it. A value is never read again: `holes` says where the pending names stand, in characters. */
export interface Substituted {
	text: string;
	pending: string[];
	holes: { name: string; offset: number }[];
}

/** What planning may use: reads only. */
export interface PlanContext {
	session: string;
	/** Parameters and captured values by name; secrets are absent here and named in `secrets`. */
	values: ReadonlyMap<string, JsonValue>;
	/** Values that an earlier step of the same group will capture: they stay placeholders. */
	pending: ReadonlyMap<string, { from: string; expression: string }>;
	secrets: readonly string[];
	/** Replaces `{{name}}`; a pending name stays and is told as a placeholder; a missing one is a `value-missing` problem. */
	substitute(text: string): Substituted | Problem;
	/** Resolves a reference over the topology as it is now, after substitution. */
	resolve(reference: string): PlanNode | Problem;
	topology(cluster: string): Topology | Problem;
	/** A read-only connection for looking something up while planning. */
	connect<C, N extends NodeConnection>(kind: TargetKind<C, N>, node: PlanNode): Promise<N>;
	/** HMAC-SHA256 (hex) of a value under this session's key. */
	hmac(value: string): string;
	/** What shell steps carry from one to the next, on this node. */
	carried: CarriedEnvironment;
	/** The step's time limit, or the default of the configuration. */
	timeoutMs: number;
}

/** Directory and exported variables that successful shell steps leave for the next. */
export interface CarriedEnvironment {
	cwd: string | null;
	/** The step that went to `cwd`, and the directory in which that step began; null when none has. */
	ledBy: { step: string; from: string } | null;
	variables: ReadonlyMap<string, string>;
}

/** A process to start in the run's terminal. */
export interface SpawnOptions {
	file: string;
	args: readonly string[];
	/** The whole environment; the terminal adds only the run's marker and TERM. */
	env: Record<string, string>;
	cwd: string;
	/** Extra readable descriptors, from 3 on: each is fully collected (at most 1 MiB) and given back. */
	channels?: number;
}

export interface ProcessExit {
	exitCode: number | null;
	signal: string | null;
	channels: Uint8Array[];
	/** Processes that had left the group and were found by the marker and ended. */
	strays: number;
	/** What still runs of what it started, though nobody ended it: services, and what was forgotten. */
	left: { pid: number; name: string }[];
}

/** The run's terminal. What is written is recorded before anybody sees it. */
export interface RunTerminal {
	/** Output of the step. Resolves once the recorder has it. */
	write(text: string | Uint8Array): Promise<void>;
	/** The same for words that no command gave, e.g. what is waited for: seen and recorded, and no part of `outputText`. */
	remark(text: string): Promise<void>;
	/** Runs one process on the PTY; resolves when it has ended and its last byte is recorded. Cancels by the run's signal. */
	spawn(options: SpawnOptions): Promise<ProcessExit>;
	/** The last 64 KiB of the step's output as text, without escape sequences: the `output` of expressions. `from`: an earlier `outputEnd`. */
	outputText(from?: number): string;
	/** Where the output ends now, in bytes. */
	readonly outputEnd: number;
}

/** What the executor of a run gets from the server. */
export interface RunContext {
	session: string;
	run: string;
	step: string;
	terminal: RunTerminal;
	/** Aborts on cancel, timeout and shutdown; its reason is a ProblemError. */
	signal: AbortSignal;
	/** Parameters, values, topology, before: as they are now, with what this group has captured. */
	scope(): ExpressionScope;
	/** One look of the step's `until`: evaluates it over the scope and `extra`; throws `expression-failed`. */
	evaluate(expression: string, extra?: ExpressionScope): JsonValue;
	/** Replaces the plan's placeholders by what has been captured, and checks that it is a member. */
	fill(command: PlanCommand): PlanCommand;
	/** One direct connection that checks the node's identity; closed by the server when the run ends. */
	connect<C, N extends NodeConnection>(kind: TargetKind<C, N>, node: PlanNode): Promise<N>;
	/** The topology read afresh. */
	topology(cluster: string): Promise<Topology>;
	/** Resolves a reference of the plan over the topology read afresh; for `until` only. */
	resolveAnew(reference: string): Promise<PlanNode | Problem>;
	/** Notes that a command goes out now; await it right before sending. For a command that changes something it is durable before it resolves. */
	sent(command: PlanCommand): Promise<CommandReceipt>;
	/** Tells the page what is waited for. Not recorded. */
	progress(waitingFor: string, sinceMs: number, timeoutMs: number): void;
	/** The value of a variable by name, secrets included: for the environment or an argument that is not shown. */
	variable(name: string): string | undefined;
	/** HMAC-SHA256 (hex) of a value under this session's key, as the plan's `variables` have it. */
	hmac(value: string): string;
	/** Shell steps: applied only after success. `step` is whose script it was, `from` the directory in which it began. */
	/** Gives the names that are too large to be handed to a program: later steps don't have them. */
	carry(change: { step: string; from: string; cwd: string; set: Record<string, string>; unset: string[] }): string[];
	carried: CarriedEnvironment;
	/** Manual steps: waits for a person's answers. */
	answers(): Promise<JsonValue>;
	/** Waits, or throws the signal's reason. */
	sleep(ms: number): Promise<void>;
}

/** Closes the record of one command. */
export interface CommandReceipt {
	replied(reply: JsonValue): void;
	failed(message: string): void;
}

/** What a run gives back. A problem makes it failed; the type's own view shows `result`. */
export interface StepResult {
	/** The typed value that `expect`, `until` and `capture` see as `result`. */
	result: JsonValue;
	exitCode: number | null;
	problem?: Problem;
	/** What a person should know of a run that came to a good end; of severity `warning`. */
	warning?: Problem;
}

/** The server half of a step type. */
export interface StepExecutor<Own = unknown> {
	/** Reads only. The exact commands, the node of each, the risk, the names of secrets. */
	plan(spec: StepSpec<Own>, context: PlanContext): Promise<StepPlan | Problem[]>;
	/** Exactly the plan, including `until`; never its `finally`. */
	execute(plan: StepPlan, run: RunContext): Promise<StepResult>;
	/** One command of the plan's `finally`. `run` has values and environment as they were when the step began. */
	executeFinally(command: FinallyCommand["command"], run: RunContext, plan: StepPlan): Promise<StepResult>;
}

/** Gives the types of its own part to the executor's functions. */
export function defineExecutor<Own>(executor: StepExecutor<Own>): StepExecutor<Own> {
	return executor;
}

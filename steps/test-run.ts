import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { evaluateExpression } from "../core/expression.ts";
import { topologyForExpressions } from "../core/expression-topology.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { plainText } from "../core/plain-text.ts";
import type { PlanCommand } from "../core/plan.ts";
import { isProblem, ProblemError, problem } from "../core/problem.ts";
import type { StepSpec } from "../core/runbook.ts";
import type { StepType } from "../core/step-type.ts";
import { parseTargetReference, resolveTarget, type Topology } from "../core/target.ts";
import type { NodeConnection, Target, TargetKind } from "../targets/target-kind.ts";
import type { CarriedEnvironment, PlanContext, RunContext } from "./step-executor.ts";
import type { StepHost } from "./step-host.ts";

/** What a test gives a step and finds afterwards. Real processes and real connections; only the server around is small. */
export interface TestRun {
	host: StepHost;
	context: PlanContext;
	run: RunContext;
	/** Everything that was written to the terminal, as bytes decoded. */
	raw(): string;
	/** The same as a person reads it. */
	shown(): string;
	/** Each command that was sent, and how it ended: `open` has no reply. */
	sent: { text: string; node: string; end: "open" | "replied" | "failed" }[];
	/** What scripts carried, applied. */
	carried: CarriedEnvironment & { cwd: string | null; variables: Map<string, string> };
	/** The waits that were told. */
	told: string[];
	abort(reason: Error): void;
	close(): Promise<void>;
}

export interface TestRunOptions {
	values?: Record<string, JsonValue>;
	secrets?: Record<string, string>;
	pending?: Record<string, { from: string; expression: string }>;
	topologies?: Topology[];
	targets?: Target<any>[];
	environment?: Record<string, string | undefined>;
	answers?: JsonValue;
	timeoutMs?: number;
	/** Called for each read of a topology; gives what is seen then. */
	readTopology?: (cluster: string) => Topology;
}

/** This machine as a topology. */
export const localTopology: Topology = {
	cluster: "local",
	kind: "local",
	environment: "lab",
	members: [{ name: "here", address: "here", role: "host", id: "here", health: "up" }],
	disputes: [],
	attributes: {},
	readAt: "2026-01-01T00:00:00.000Z",
};

/** A context and a run for one executor. */
export function openTestRun(options: TestRunOptions = {}): TestRun {
	const values: Record<string, JsonValue> = { ...options.values };
	const secrets = options.secrets ?? {};
	const pending = new Map(Object.entries(options.pending ?? {}));
	const topologies = new Map([localTopology, ...(options.topologies ?? [])].map((t) => [t.cluster, t]));
	const carried: TestRun["carried"] = { cwd: null, ledBy: null, variables: new Map() };
	const abort = new AbortController();
	const chunks: Buffer[] = [];
	const output: Buffer[] = [];
	const printed = (chunk: Buffer) => {
		chunks.push(chunk);
		output.push(chunk);
	};
	const sent: TestRun["sent"] = [];
	const told: string[] = [];
	const open: NodeConnection[] = [];
	const directory = mkdtempSync(join(tmpdir(), "runledger-test-"));
	const text = () => Buffer.concat(chunks).toString();
	const targetOf = (cluster: string): Target<any> => {
		const target = options.targets?.find((t) => t.name === cluster);
		if (!target) throw new Error(`The test has no target ${cluster}.`);
		return target;
	};
	const substitute: PlanContext["substitute"] = (written) => {
		const waiting: string[] = [];
		let missing: string | null = null;
		const filled = written.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (whole, name: string) => {
			if (pending.has(name)) {
				waiting.push(name);
				return `{{${name}}}`;
			}
			const [cluster = "", attribute] = name.split(".");
			const value =
				attribute === undefined ? values[name] : topologies.get(String(values[cluster]))?.attributes[attribute];
			if (value === undefined || value === null) missing ??= name;
			return value === undefined || value === null ? whole : typeof value === "string" ? value : JSON.stringify(value);
		});
		const holes = [...filled.matchAll(/\{\{([\w-]+)\}\}/g)]
			.map(({ 1: name = "", index }) => ({ name, offset: index }))
			.filter(({ name }) => pending.has(name));
		return missing === null
			? { text: filled, pending: waiting, holes }
			: problem("value-missing", `\`${missing}\` has no value yet.`);
	};
	const resolve: PlanContext["resolve"] = (reference) => {
		const filled = substitute(reference);
		if (isProblem(filled)) return filled;
		const parsed = parseTargetReference(filled.text);
		if (isProblem(parsed)) return parsed;
		const topology = topologies.get(parsed.cluster);
		return topology
			? resolveTarget(topology, parsed, topology.kind === "redis" ? "master" : "host")
			: problem("target-unknown", `There is no target \`${parsed.cluster}\`.`);
	};
	const connect = async <C, N extends NodeConnection>(
		kind: TargetKind<C, N>,
		node: { cluster: string },
	): Promise<N> => {
		const connection = await kind.connect(targetOf(node.cluster), node as never, {
			readSecret: () => "",
			now: () => new Date(),
		});
		open.push(connection);
		return connection;
	};
	const clusterNow = (cluster: string): Topology => {
		const seen = options.readTopology?.(cluster) ?? topologies.get(cluster);
		if (!seen) throw new ProblemError("target-unknown", cluster);
		topologies.set(cluster, seen);
		return seen;
	};
	const first = options.topologies?.[0];
	const before = first ? topologyForExpressions(first) : null;
	const hmac = (value: string) => createHmac("sha256", "key").update(value).digest("hex");
	const scope = (): JsonObject => ({
		params: {},
		values: { ...values },
		topology: first ? topologyForExpressions(topologies.get(first.cluster) ?? first) : null,
		before,
		unit: { elapsedMs: 0 },
	});

	const context: PlanContext = {
		session: "s1",
		values: new Map(Object.entries({ ...values, ...secrets })),
		pending,
		secrets: Object.keys(secrets),
		substitute,
		resolve,
		topology: (cluster) => topologies.get(cluster) ?? problem("target-unknown", cluster),
		connect,
		hmac,
		carried,
		timeoutMs: options.timeoutMs ?? 20_000,
	};
	const run: RunContext = {
		session: "s1",
		run: "r1",
		step: "step",
		signal: abort.signal,
		terminal: {
			async write(what) {
				chunks.push(Buffer.from(what));
				output.push(Buffer.from(what));
			},
			async remark(what) {
				chunks.push(Buffer.from(what));
			},
			spawn: ({ file, args, env, cwd, channels = 0 }) =>
				new Promise((done, fail) => {
					const stdio = ["ignore", "pipe", "pipe", ...Array.from({ length: channels }, () => "pipe")] as never;
					// One pipe for both streams, as a terminal has one: two would come in any order.
					const child = spawn("/bin/sh", ["-c", 'exec "$0" "$@" 2>&1', file, ...args], {
						cwd,
						env,
						stdio,
						detached: true,
					});
					const collected: Buffer[][] = Array.from({ length: channels }, () => []);
					const streams = child.stdio as unknown as (Readable | null)[];
					streams.slice(3).forEach((stream, index) => {
						stream?.on("data", (chunk: Buffer) => collected[index]?.push(chunk));
					});
					for (const stream of [streams[1], streams[2]]) stream?.on("data", printed);
					const end = () => child.pid !== undefined && process.kill(-child.pid, "SIGKILL");
					abort.signal.addEventListener("abort", end, { once: true });
					child.once("error", fail);
					child.once("close", (exitCode, signal) => {
						abort.signal.removeEventListener("abort", end);
						done({ exitCode, signal, channels: collected.map((c) => Buffer.concat(c)), strays: 0, left: [] });
					});
				}),
			outputText: (from = 0) => plainText(Buffer.concat(output).subarray(from).toString()),
			get outputEnd() {
				return Buffer.concat(output).length;
			},
		},
		scope,
		evaluate: (expression, extra = {}) =>
			evaluateExpression(expression, { result: null, output: "", exitCode: null, ...scope(), ...extra }),
		fill: (command: PlanCommand) => {
			const fill = (written: string) =>
				written.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => {
					const value = values[name];
					return value === undefined || value === null ? whole : String(value);
				});
			return { ...command, text: fill(command.text), ...(command.argv ? { argv: command.argv.map(fill) } : {}) };
		},
		connect,
		topology: async (cluster) => clusterNow(cluster),
		resolveAnew: async (reference) => {
			const filled = substitute(reference);
			if (isProblem(filled)) return filled;
			const parsed = parseTargetReference(filled.text);
			if (!isProblem(parsed)) clusterNow(parsed.cluster);
			return resolve(reference);
		},
		async sent(command) {
			const entry: TestRun["sent"][number] = { text: command.text, node: command.node.name, end: "open" };
			sent.push(entry);
			return {
				replied() {
					entry.end = "replied";
				},
				failed() {
					entry.end = "failed";
				},
			};
		},
		progress(waitingFor) {
			told.push(waitingFor);
		},
		variable: (name) => {
			const value = secrets[name] ?? values[name];
			return value === undefined || value === null
				? undefined
				: typeof value === "string"
					? value
					: JSON.stringify(value);
		},
		hmac,
		carry(change) {
			if (carried.cwd !== change.cwd) carried.ledBy = { step: change.step, from: change.from };
			carried.cwd = change.cwd;
			for (const [name, value] of Object.entries(change.set)) carried.variables.set(name, value);
			for (const name of change.unset) carried.variables.delete(name);
			return [];
		},
		carried,
		answers: async () => options.answers ?? null,
		sleep: (ms) =>
			new Promise((done, fail) => {
				const giveUp = () => {
					clearTimeout(timer);
					fail(abort.signal.reason);
				};
				const timer = setTimeout(() => {
					abort.signal.removeEventListener("abort", giveUp);
					done();
				}, ms);
				abort.signal.addEventListener("abort", giveUp, { once: true });
			}),
	};
	return {
		host: {
			environment: options.environment ?? { HOME: directory, PATH: process.env.PATH },
			directory,
			temporaryFolder: directory,
			monoMs: () => performance.now(),
		},
		context,
		run,
		raw: text,
		shown: () => plainText(text()),
		sent,
		carried,
		told,
		abort: (reason) => abort.abort(reason),
		async close() {
			await Promise.all(open.map((connection) => connection.close()));
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

/** A step as the parser would hand it over: a body and its attributes, read by the type itself. */
export function testSpec<Own>(
	type: StepType<Own>,
	body: string,
	more: Partial<StepSpec<Own>> & { attributes?: Record<string, JsonValue>; names?: string[] } = {},
): StepSpec<Own> {
	const { attributes = {}, names = [], ...rest } = more;
	const place = { file: "test.md", line: 1, column: 1 };
	const own = type.parse({ name: "step", body, attributes, place, names });
	if (Array.isArray(own)) throw new Error(`The step can't be read: ${JSON.stringify(own)}`);
	return {
		name: "step",
		title: "Step",
		type: type.name,
		body,
		expect: [],
		capture: [],
		excludeFromRunAll: false,
		recheck: [],
		finally: [],
		attributes,
		place,
		own,
		...rest,
	} as StepSpec<Own>;
}

import type { FinallyCommand, Placeholder, PlanCommand, Risk, StepPlan } from "../../core/plan.ts";
import { gravestRisk } from "../../core/plan.ts";
import { isProblem, type Problem, problem } from "../../core/problem.ts";
import type { StepSpec } from "../../core/runbook.ts";
import type { PlanNode } from "../../core/target.ts";
import { redisKind } from "../../targets/redis/redis-kind.ts";
import { planOfSpec } from "../plan-of-spec.ts";
import type { PlanContext } from "../step-executor.ts";
import { joinRedisCommand } from "./join-command.ts";
import { commandRisk, nameIsOpen, reviewedRisk, takesOverConnection } from "./risk-table.ts";
import { checkTransaction } from "./transaction.ts";
import { type RedisCommand, type RedisStep, readRedisLine, withoutNode } from "./type.ts";

/** Plans a redis step: each command with its node and its risk. Asks a server only for commands that the table does not have. */
export async function planRedis(spec: StepSpec<RedisStep>, context: PlanContext): Promise<StepPlan | Problem[]> {
	const problems: Problem[] = [];
	const commands: PlanCommand[] = [];
	for (const command of spec.own.commands) {
		const planned = planCommand(command, spec, context);
		if (isProblem(planned)) problems.push(at(planned, spec, command.line));
		else commands.push(planned);
	}
	const finals: FinallyCommand[] = [];
	for (const { when, run } of spec.finally) {
		const read = readRedisLine(run);
		const planned = isProblem(read) ? read : planCommand(read, spec, context);
		if (isProblem(planned)) problems.push(at(planned, spec));
		else finals.push({ ...(when === undefined ? {} : { when }), command: planned });
	}
	if (problems.length > 0) return problems;

	await judgeUnlisted([...commands, ...finals.map((f) => f.command)], context);
	const transaction = checkTransaction(commands);
	if (transaction) return [at(transaction, spec)];
	const last = commands.at(-1);
	if (spec.until && last && last.risk !== "read") {
		return [
			at(
				problem("step-invalid", `\`until\` would repeat \`${last.text}\`, which does not only read.`, {
					next: "End the step with a command that reads, or move the change to a step of its own.",
				}),
				spec,
			),
		];
	}
	const risk = gravestRisk([...commands, ...finals.map((f) => f.command)].map((c) => c.risk));
	return { ...planOfSpec(spec, context, risk), commands, finally: finals };
}

function planCommand(
	command: Omit<RedisCommand, "line">,
	spec: StepSpec<RedisStep>,
	context: PlanContext,
): PlanCommand | Problem {
	const reference = command.reference ?? spec.target;
	if (reference === undefined) return withoutNode(command.text);
	const written = context.substitute(reference);
	if (isProblem(written)) return written;
	const node = context.resolve(reference);
	if (isProblem(node)) return node;
	if (node.kind !== redisKind.kind) {
		return problem("target-kind-mismatch", `\`${written.text}\` is a ${node.kind} target; a redis step needs redis.`);
	}
	const argv: string[] = [];
	const pending = new Map<string, { argument: number; offset: number }[]>();
	for (const [index, argument] of command.argv.entries()) {
		const filled = context.substitute(argument);
		if (isProblem(filled)) return filled;
		argv.push(filled.text);
		for (const { name, offset } of filled.holes) {
			pending.set(name, [...(pending.get(name) ?? []), { argument: index, offset }]);
		}
	}
	// Only now: a value may have been the command's name.
	const refused = refuseCommand(argv);
	if (refused) return refused;
	const placeholders = placeholdersOf(argv, pending, node, context);
	const changed = argv.some((argument, index) => argument !== command.argv[index]);
	return {
		node,
		reference: written.text,
		// As the author wrote it, unless values stand in it now: then as it has to be quoted to mean these arguments.
		text: changed ? joinRedisCommand(argv) : command.text,
		argv,
		// `unknown` marks those that a server has to be asked about.
		risk: reviewedRisk(argv) ?? "unknown",
		...(placeholders.length === 0 ? {} : { placeholders }),
	};
}

/** Why a command, with its values in it, can't be a step; null when it can. */
function refuseCommand(argv: readonly string[]): Problem | null {
	if (nameIsOpen(argv)) {
		return problem("step-invalid", `Which command \`${joinRedisCommand(argv)}\` is, only the run would know.`, {
			next: "Write the command's name out; a value that an earlier step captures can be any of its other arguments.",
		});
	}
	if (!takesOverConnection(argv)) return null;
	return problem(
		"step-invalid",
		`\`${joinRedisCommand(argv.slice(0, 1))}\` takes its connection over and never ends, so it can't be a step.`,
		{ next: "Run it with redis-cli in a shell step, where you can end it." },
	);
}

function placeholdersOf(
	argv: readonly string[],
	pending: ReadonlyMap<string, { argument: number; offset: number }[]>,
	node: PlanNode,
	context: PlanContext,
): Placeholder[] {
	return [...pending].map(([name, at]) => {
		const source = context.pending.get(name);
		return {
			name,
			at,
			from: source?.from ?? "",
			expression: source?.expression ?? "",
			...(namesMember(argv, name) ? { memberOf: node.cluster } : {}),
		};
	});
}

/** Commands that take the address of another node, and where its host and port stand. */
const addressArguments: { words: readonly string[]; from: number }[] = [
	{ words: ["REPLICAOF"], from: 1 },
	{ words: ["SLAVEOF"], from: 1 },
	{ words: ["FAILOVER", "TO"], from: 2 },
	{ words: ["CLUSTER", "MEET"], from: 2 },
	{ words: ["SENTINEL", "MONITOR"], from: 3 },
];

function namesMember(argv: readonly string[], name: string): boolean {
	const command = addressArguments.find(({ words }) =>
		// A word after the command's name that is still open may become this one.
		words.every((word, i) => argv[i]?.toUpperCase() === word || (i > 0 && argv[i]?.includes("{{"))),
	);
	if (!command) return false;
	return argv.slice(command.from, command.from + 2).some((argument) => argument.includes(`{{${name}}}`));
}

/** Gives the commands that the table does not have their risk by their servers' flags. */
async function judgeUnlisted(commands: PlanCommand[], context: PlanContext): Promise<void> {
	const byNode = new Map<string, PlanCommand[]>();
	for (const command of commands) {
		if (command.risk !== "unknown") continue;
		const key = `${command.node.cluster} ${command.node.address}`;
		byNode.set(key, [...(byNode.get(key) ?? []), command]);
	}
	await Promise.all([...byNode.values()].map((asked) => judgeOnNode(asked, context)));
}

async function judgeOnNode(commands: PlanCommand[], context: PlanContext): Promise<void> {
	const names = new Set(commands.flatMap(({ argv }) => [nameOf(argv, 1), nameOf(argv, 2)]));
	const flags = await askFlags(commands[0]?.node, [...names], context);
	for (const command of commands) {
		const own = flags.get(nameOf(command.argv, 2)) ?? flags.get(nameOf(command.argv, 1)) ?? null;
		command.risk = commandRisk(command.argv ?? [], own) satisfies Risk;
	}
}

function nameOf(argv: readonly string[] | undefined, words: number): string {
	return (argv ?? []).slice(0, words).join("|").toLowerCase();
}

async function askFlags(
	node: PlanNode | undefined,
	names: readonly string[],
	context: PlanContext,
): Promise<ReadonlyMap<string, readonly string[] | null>> {
	if (!node) return new Map();
	try {
		const connection = await context.connect(redisKind, node);
		return await connection.commandFlags(names);
	} catch {
		// A server that can't be asked leaves the command destructive; running it will say what is wrong with the server.
		return new Map();
	}
}

function at(what: Problem, spec: StepSpec, line = 0): Problem {
	return what.at ? what : { ...what, at: { ...spec.place, line: spec.place.line + line } };
}

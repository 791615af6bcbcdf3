import type { JsonValue } from "../../core/json.ts";
import type { PlanCommand } from "../../core/plan.ts";
import { type Problem, ProblemError, problem } from "../../core/problem.ts";
import type { PlanNode } from "../../core/target.ts";
import type { RedisConnection } from "../../targets/redis/redis-connection.ts";
import { redisKind } from "../../targets/redis/redis-kind.ts";
import type { RedisReply } from "../../targets/redis/redis-reply.ts";
import type { CommandReceipt, RunContext } from "../step-executor.ts";
import { terminalText } from "../terminal-text.ts";
import { formatCommandReply } from "./format-reply.ts";
import { joinRedisCommand } from "./join-command.ts";
import { readReply } from "./read-reply.ts";
import { refuseWrongSource } from "./replication-source.ts";
import { commandWord } from "./transaction.ts";

/** A reply with what it means to expressions. `refused` is the sentence when it, or a part of an EXEC, is an error. */
export interface Answered {
	command: PlanCommand;
	reply: RedisReply;
	value: JsonValue;
	refused: Problem | null;
}

/**
 * One run's conversation: one connection a node, kept so that MULTI, WATCH, SELECT and SKIPME mean the same connection
 * from one command to the next, and the state of a transaction.
 */
export class RedisRun {
	readonly #run: RunContext;
	readonly #connections = new Map<string, RedisConnection>();
	/** The commands queued since MULTI; null outside a transaction. */
	#queued: PlanCommand[] | null = null;

	constructor(run: RunContext) {
		this.#run = run;
	}

	/** Fills, shows, records, sends one command and shows its reply. Throws when the connection is lost: then it may have happened. */
	async send(planned: PlanCommand): Promise<Answered> {
		const command = this.fill(planned);
		await this.show(command);
		const answered = await this.ask(command, this.#run.signal);
		await this.showReply(answered);
		return answered;
	}

	/** The command with its placeholders filled; its text is written anew so that it says exactly what is sent. */
	fill(planned: PlanCommand): PlanCommand {
		if (!planned.placeholders || planned.placeholders.length === 0) return planned;
		const filled = this.#run.fill(planned);
		refuseWrongSource(filled, this.#run.scope());
		return { ...filled, text: joinRedisCommand(filled.argv ?? []) };
	}

	/** Records, sends and reads; shows nothing. Giving up by `signal` closes the connection, and the next use opens another. */
	async ask(command: PlanCommand, signal: AbortSignal): Promise<Answered> {
		const argv = command.argv ?? [];
		const connection = await this.#connection(command.node);
		signal.throwIfAborted();
		const receipt = await this.#run.sent(command);
		let reply: RedisReply;
		try {
			reply = await connection.call(argv, signal);
		} catch (error) {
			// Nothing is known of it: the receipt stays open, which the record tells as "may have happened".
			this.#connections.delete(keyOf(command.node));
			await connection.close();
			throw error;
		}
		const answered = this.#read(command, argv, reply);
		close(receipt, answered);
		return answered;
	}

	async show(command: PlanCommand): Promise<void> {
		const line = `\x1b[1;34m${promptOf(command.node, this.#queued !== null)}\x1b[0m ${terminalText(command.text)}\r\n`;
		await this.#run.terminal.write(line);
	}

	async showReply({ command, reply }: Answered): Promise<void> {
		const printed = formatCommandReply(command.argv ?? [], reply);
		await this.#run.terminal.write(withCarriageReturns(printed));
	}

	#read(command: PlanCommand, argv: readonly string[], reply: RedisReply): Answered {
		const word = commandWord(argv);
		const queued = this.#queued;
		if (word === "MULTI" && reply.kind !== "error") this.#queued = [];
		else if (word === "EXEC" || word === "DISCARD") this.#queued = null;
		else if (queued && reply.kind === "status") queued.push(command);
		if (word === "EXEC" && reply.kind === "array") return readExec(command, queued ?? [], reply);
		const refused =
			reply.kind === "error"
				? refusal(command, reply.text)
				: word === "EXEC" && reply.kind === "nil"
					? refusal(command, "a watched key had changed, so nothing of the transaction was done")
					: null;
		return { command, reply, value: readReply(argv, reply), refused };
	}

	async #connection(node: PlanNode): Promise<RedisConnection> {
		const key = keyOf(node);
		const open = this.#connections.get(key);
		if (open) return open;
		const connection = await this.#run.connect(redisKind, node);
		this.#connections.set(key, connection);
		return connection;
	}
}

/** The reply of EXEC: one value for each command that was queued, read as that command's. Any error among them fails it. */
function readExec(
	command: PlanCommand,
	queued: readonly PlanCommand[],
	reply: RedisReply & { kind: "array" },
): Answered {
	const value = reply.items.map((item, index) => readReply(queued[index]?.argv ?? [], item));
	const index = reply.items.findIndex((item) => item.kind === "error");
	const item = reply.items[index];
	const inner = queued[index] ?? command;
	const refused =
		item?.kind === "error"
			? problem("command-failed", `${inner.node.name} refused \`${inner.text}\` inside the transaction: ${item.text}`, {
					next: "The other commands of the transaction were done: Redis does not take them back. Look at what they did.",
				})
			: null;
	return { command, reply, value, refused };
}

function refusal(command: PlanCommand, said: string): Problem {
	return problem("command-failed", `${command.node.name} refused \`${command.text}\`: ${said}`);
}

function close(receipt: CommandReceipt, { value, refused }: Answered): void {
	if (refused) receipt.failed(refused.detail);
	else receipt.replied(value);
}

function keyOf(node: PlanNode): string {
	return `${node.cluster} ${node.address} ${node.id}`;
}

/** `cache-2>` in production, `lab:cache-2>` elsewhere: whoever reads the output later sees where it came from. */
export function promptOf(node: PlanNode, inTransaction = false): string {
	const environment = node.environment === "production" ? "" : `${node.environment}:`;
	return `${terminalText(environment + node.name)}${inTransaction ? "(TX)" : ""}>`;
}

/** A terminal needs `\r\n`; replies of INFO have it already. A reply that ends without a newline gets one. */
export function withCarriageReturns(bytes: Uint8Array): Uint8Array {
	const out: number[] = [];
	let before = 10;
	for (const byte of bytes) {
		if (byte === 10 && before !== 13) out.push(13);
		out.push(byte);
		before = byte;
	}
	if (before !== 10) out.push(13, 10);
	return Uint8Array.from(out);
}

/** Whether what was thrown means that this node can't be asked now, but may later. */
export function isUnreachable(error: unknown): error is ProblemError {
	return (
		error instanceof ProblemError &&
		(error.problem.code === "target-unreachable" || error.problem.code === "node-changed")
	);
}

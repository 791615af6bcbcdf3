import type { JsonValue } from "../../core/json.ts";
import { plainText } from "../../core/plain-text.ts";
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
import { replyBytes } from "./reply-bytes.ts";
import { commandWord } from "./transaction.ts";
import { withCarriageReturns } from "./with-carriage-returns.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** Expressions and the record's result see a reply of so many bytes at most. What is shown is shown whole. */
const longestResult = 2 ** 20;

/** An expression sees so much of a reply's text, in bytes. */
const longestText = 64 * 1024;

/** A reply with what it means to expressions. `refused` is the sentence when it, or a part of an EXEC, is an error. */
export interface Answered {
	command: PlanCommand;
	reply: RedisReply;
	value: JsonValue;
	refused: Problem | null;
	/** Why `value` is not the reply's, when that is too large for expressions; then it says so itself. */
	leftOut: Problem | null;
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

	/**
	 * Fills, shows, records, sends one command and shows its reply. Throws when the connection is lost (then it may have
	 * happened) and `output-limit` when the reply is larger than a connection takes.
	 */
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
			const whole = await connection.call(argv, signal);
			// Before anybody sees it: what is shown, judged and captured is recorded.
			reply = withoutSecrets(
				argv,
				whole,
				this.#queued?.map((queued) => queued.argv ?? []),
			);
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
		await this.#run.terminal.remark(line);
	}

	async showReply({ command, reply }: Answered): Promise<void> {
		// Piece by piece: each is recorded before the next is made, and others have their turn in between.
		for (const piece of withCarriageReturns(formatCommandReply(command.argv ?? [], reply))) {
			await this.#run.terminal.write(piece);
		}
	}

	/** A reply as `showReply` would show it, its last 64 KiB. */
	textOf({ command, reply }: Answered): string {
		let end: Uint8Array = new Uint8Array();
		for (const piece of formatCommandReply(command.argv ?? [], reply)) {
			end = Buffer.concat([end, piece]).subarray(-longestText);
		}
		return plainText(Buffer.from(end).toString());
	}

	#read(command: PlanCommand, argv: readonly string[], reply: RedisReply): Answered {
		const word = commandWord(argv);
		const queued = this.#queued;
		const leftOut = tooLargeForExpressions(command, reply);
		if (word === "MULTI" && reply.kind !== "error") this.#queued = [];
		else if (word === "EXEC" || word === "DISCARD") this.#queued = null;
		else if (queued && reply.kind === "status") queued.push(command);
		if (word === "EXEC" && reply.kind === "array") return readExec(command, queued ?? [], reply, leftOut);
		const refused =
			reply.kind === "error"
				? refusal(command, reply.text)
				: word === "EXEC" && reply.kind === "nil"
					? refusal(command, "a watched key had changed, so nothing of the transaction was done")
					: null;
		return { command, reply, value: leftOut ? omission(leftOut) : readReply(argv, reply), refused, leftOut };
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
	leftOut: Problem | null,
): Answered {
	const value = leftOut
		? omission(leftOut)
		: reply.items.map((item, index) => readReply(queued[index]?.argv ?? [], item));
	const index = reply.items.findIndex((item) => item.kind === "error");
	const item = reply.items[index];
	const inner = queued[index] ?? command;
	const refused =
		item?.kind === "error"
			? problem("command-failed", `${inner.node.name} refused \`${inner.text}\` inside the transaction: ${item.text}`, {
					next: "The other commands of the transaction were done: Redis does not take them back. Look at what they did.",
				})
			: null;
	return { command, reply, value, refused, leftOut };
}

function tooLargeForExpressions({ node, text }: PlanCommand, reply: RedisReply): Problem | null {
	const bytes = replyBytes(reply);
	if (bytes <= longestResult) return null;
	const said = `The reply of ${node.name} to \`${text}\` has ${bytes} bytes; \`result\` holds at most ${longestResult}`;
	return problem("output-limit", `${said}, so it is in the output only.`, {
		next: "Ask for less at once, or for what is to be checked: STRLEN, LLEN, HLEN, SCARD, EXISTS.",
	});
}

/** Stands for a value that is left out: nobody can take it for a part of one, nor for nil. */
function omission({ detail }: Problem): JsonValue {
	return { leftOut: detail };
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

/** Whether what was thrown means that this node can't be asked now, but may later. */
export function isUnreachable(error: unknown): error is ProblemError {
	return (
		error instanceof ProblemError &&
		(error.problem.code === "target-unreachable" || error.problem.code === "node-changed")
	);
}

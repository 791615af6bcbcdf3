import { closeSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import { isProblem, ProblemError } from "../core/problem.ts";
import type { LabArguments, LabMessage, LabOperation, LabPush, LabReplies } from "./lab-protocol.ts";
import { lineReader } from "./line-reader.ts";

/** A connection to a lab's supervisor. */
export interface LabConnection {
	/** Throws the supervisor's problem, or `lab-unknown` when it ends before it has answered. */
	request<Op extends LabOperation>(op: Op, args: LabArguments<Op>): Promise<LabReplies[Op]>;
	onPush: ((push: LabPush) => void) | null;
	onClose: (() => void) | null;
	close(): void;
}

/** The longest path that every system takes as a Unix socket's address. */
const longestAddress = 100;

/** Connects to the supervisor whose socket this is; null when none listens. */
export async function connectLab(path: string): Promise<LabConnection | null> {
	const socket = await openSocket(path);
	if (socket === null) return null;
	const waiting = new Map<number, { resolve(reply: never): void; reject(error: Error): void }>();
	let last = 0;
	let closed = false;
	const connection: LabConnection = {
		onPush: null,
		onClose: null,
		request: (op, args) =>
			new Promise((resolve, reject) => {
				if (closed) return reject(gone());
				const id = ++last;
				waiting.set(id, { resolve, reject });
				socket.write(`${JSON.stringify({ id, op, args })}\n`);
			}),
		close: () => socket.destroy(),
	};
	const gone = () => new ProblemError("lab-unknown", "The lab's supervisor has ended.");
	const read = lineReader((line) => {
		const message = JSON.parse(line) as LabMessage;
		if ("push" in message) {
			connection.onPush?.(message.push);
			return;
		}
		const waiter = waiting.get(message.id);
		waiting.delete(message.id);
		if ("problem" in message) {
			const { problem } = message;
			waiter?.reject(isProblem(problem) ? ProblemError.of(problem) : new Error("an unknown problem of the lab"));
		} else waiter?.resolve(message.reply as never);
	});
	socket.on("data", read);
	socket.on("error", () => {});
	socket.on("close", () => {
		closed = true;
		for (const waiter of waiting.values()) waiter.reject(gone());
		waiting.clear();
		connection.onClose?.();
	});
	return connection;
}

async function openSocket(path: string): Promise<Socket | null> {
	let folder: number | null = null;
	try {
		let address = path;
		if (Buffer.byteLength(path) > longestAddress && process.platform === "linux") {
			folder = openSync(dirname(path), "r");
			address = `/proc/self/fd/${folder}/${basename(path)}`;
		}
		return await new Promise((resolve) => {
			const socket = connect({ path: address });
			socket.once("connect", () => resolve(socket));
			socket.once("error", () => resolve(null));
		});
	} catch {
		return null;
	} finally {
		if (folder !== null) closeSync(folder);
	}
}

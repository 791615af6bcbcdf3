import { closeSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import { isProblem, ProblemError } from "../core/problem.ts";
import type { LabArguments, LabMessage, LabOperation, LabPush, LabReplies } from "./lab-protocol.ts";
import { lineReader } from "./line-reader.ts";

/** A connection to a lab's supervisor. */
export interface LabConnection {
	/**
	 * Throws the supervisor's problem, `lab-unknown` when it ends before it has answered, and `lab-silent` when nothing was
	 * heard of it for `patienceSeconds` (10 unless told): one that lives is heard, however long what it was asked for takes.
	 */
	request<Op extends LabOperation>(op: Op, args: LabArguments<Op>, patienceSeconds?: number): Promise<LabReplies[Op]>;
	onPush: ((push: LabPush) => void) | null;
	onClose: (() => void) | null;
	close(): void;
}

/** The longest path that every system takes as a Unix socket's address. */
const longestAddress = 100;

/** For a supervisor on a machine that is busy with something else. */
const usualPatienceSeconds = 10;

interface Waiter {
	patienceSeconds: number;
	/** Seconds in which nothing was heard; counted, since a clock goes on while this process is held. */
	quietSeconds: number;
	resolve(reply: never): void;
	reject(error: Error): void;
}

/** Connects to the supervisor whose socket this is; null when none listens. Throws `lab-silent` when one takes no connection. */
export async function connectLab(path: string): Promise<LabConnection | null> {
	const socket = await openSocket(path);
	if (socket === null) return null;
	const waiting = new Map<number, Waiter>();
	let last = 0;
	let closed = false;
	let ticking: NodeJS.Timeout | null = null;
	const send = (op: LabOperation, args: object): number => {
		socket.write(`${JSON.stringify({ id: ++last, op, args })}\n`);
		return last;
	};
	/** A sign of life is asked for while an answer takes long; whatever is heard is one. */
	const tick = () => {
		if (waiting.size === 0) return stopTicking();
		for (const [id, waiter] of waiting) {
			if (++waiter.quietSeconds < waiter.patienceSeconds) continue;
			waiting.delete(id);
			waiter.reject(silent());
		}
		if (waiting.size > 0) send("status", {});
	};
	const stopTicking = () => {
		if (ticking) clearInterval(ticking);
		ticking = null;
	};
	const connection: LabConnection = {
		onPush: null,
		onClose: null,
		request: (op, args, patienceSeconds = usualPatienceSeconds) =>
			new Promise((resolve, reject) => {
				if (closed) return reject(gone());
				waiting.set(send(op, args), { patienceSeconds, quietSeconds: 0, resolve, reject });
				ticking ??= setInterval(tick, 1_000);
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
	socket.on("data", (chunk) => {
		for (const waiter of waiting.values()) waiter.quietSeconds = 0;
		read(chunk);
	});
	socket.on("error", () => {});
	socket.on("close", () => {
		closed = true;
		stopTicking();
		for (const waiter of waiting.values()) waiter.reject(gone());
		waiting.clear();
		connection.onClose?.();
	});
	return connection;
}

function silent(): ProblemError {
	return new ProblemError("lab-silent", "The lab's supervisor is there and does not answer.");
}

async function openSocket(path: string): Promise<Socket | null> {
	let folder: number | null = null;
	try {
		let address = path;
		if (Buffer.byteLength(path) > longestAddress && process.platform === "linux") {
			folder = openSync(dirname(path), "r");
			address = `/proc/self/fd/${folder}/${basename(path)}`;
		}
		return await new Promise((resolve, reject) => {
			const socket = connect({ path: address });
			socket.once("connect", () => resolve(socket));
			// It listens, and has not taken the hundreds of connections before this one.
			socket.once("error", (error: NodeJS.ErrnoException) =>
				error.code === "EAGAIN" ? reject(silent()) : resolve(null),
			);
		});
	} catch (error) {
		if (error instanceof ProblemError) throw error;
		return null;
	} finally {
		if (folder !== null) closeSync(folder);
	}
}

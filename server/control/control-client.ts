import { connect, type Socket } from "node:net";
import type { LabKindStatus, LabStatus } from "../../core/lab.ts";
import { ProblemError } from "../../core/problem.ts";
import type { SessionSummary } from "../../core/protocol.ts";
import type { ControlArguments, ControlMessage, ControlOperation } from "./control-protocol.ts";
import type { Desk } from "./desk.ts";
import { givenUp } from "./given-up.ts";
import type { RunFileResult, RunListener } from "./run-file-request.ts";
import { socketAddress } from "./socket-address.ts";
import { onLines } from "./socket-lines.ts";

/** What is behind the socket. */
export interface ControlPoint {
	/** The socket's file. */
	path: string;
	platform: string;
	person: { name: string; userAgent: string };
}

/** Whether a server answers on the socket now. */
export async function isServing(point: ControlPoint): Promise<boolean> {
	const socket = await open(point);
	socket?.destroy();
	return socket !== null;
}

/** The desk of the server that runs on a data folder. Each of its methods throws `server-not-running` when none does. */
export function remoteDesk(point: ControlPoint): Desk {
	const ask = <T>(op: ControlOperation, args: object) => request<T>(point, op, args, null, null);
	return {
		signIn: () => ask<string>("sign-in", {}),
		sessions: () => ask<SessionSummary[]>("sessions", {}),
		exportTo: (session, out) => ask<string>("export", { session, out }),
		run: (asked, listener, signal) => {
			const args: ControlArguments<"run"> = { ...asked, canAsk: listener.ask !== null };
			return request<RunFileResult>(point, "run", args, listener, signal);
		},
		labs: {
			kinds: () => ask<LabKindStatus[]>("lab.kinds", {}),
			list: () => ask<LabStatus[]>("lab.list", {}),
			up: (kind, name, options) => ask<LabStatus>("lab.up", { kind, name, options }),
			down: async (name) => void (await ask("lab.down", { name })),
			reset: async (name) => void (await ask("lab.reset", { name })),
			fault: (name, fault, node, seconds) => ask<string>("lab.fault", { name, fault, node, seconds }),
			heal: (name, node) => ask<string[]>("lab.heal", { name, node }),
			logs: (name, node, lines) => ask<string[]>("lab.logs", { name, node, lines }),
		},
		close: async () => undefined,
	};
}

async function open({ path, platform }: ControlPoint): Promise<Socket | null> {
	const { address, release } = socketAddress(path, platform);
	try {
		return await new Promise<Socket | null>((resolve) => {
			const socket = connect(address);
			socket.once("connect", () => resolve(socket));
			socket.once("error", () => resolve(null));
		});
	} finally {
		release();
	}
}

/** What a connection that ended before its answer means, whichever way the system tells it. */
function lost(op: ControlOperation, error: NodeJS.ErrnoException | null): Error {
	// Without a code it is our own bound that ended it, and says which.
	if (error !== null && error.code === undefined) return error;
	const how = error === null ? "" : ` (${error.code})`;
	return new ProblemError("server-not-running", `The server ended in the middle${how}.`, {
		next:
			op === "run"
				? "Start it again with `runledger serve`: the session is in its record, and a step that ran is marked lost. Look at what it did before you run it again."
				: "Start it again with `runledger serve`, look whether what was asked for is done, and ask again if not.",
	});
}

async function request<T>(
	point: ControlPoint,
	op: ControlOperation,
	args: object,
	listener: RunListener | null,
	signal: AbortSignal | null,
): Promise<T> {
	const socket = await open(point);
	if (!socket) throw new ProblemError("server-not-running");
	const send = (line: object) => socket.write(`${JSON.stringify(line)}\n`);
	try {
		return await new Promise<T>((resolve, reject) => {
			socket.on("error", (error) => reject(lost(op, error)));
			socket.once("close", () => reject(lost(op, null)));
			// A word and not a closed line: how it ends is still heard.
			signal?.addEventListener("abort", () => send({ cancel: true, because: givenUp(signal)?.detail }), { once: true });
			onLines(socket, (line) => {
				const message = JSON.parse(line) as ControlMessage;
				if ("event" in message) listener?.event(message.event);
				else if ("output" in message) listener?.output(message.run, Buffer.from(message.output, "base64"));
				else if ("health" in message) listener?.recordHealth(message.health);
				else if ("ask" in message) {
					const { ask, plan, confirmation, title } = message;
					const answered = listener?.ask ? listener.ask(plan, confirmation, title) : Promise.resolve({ yes: false });
					answered.then((answer) => send({ answer: ask, ...answer }), reject);
				} else if ("problem" in message) reject(ProblemError.of(message.problem));
				else resolve(message.done as T);
			});
			send({ op, person: point.person, args });
		});
	} finally {
		socket.destroy();
	}
}

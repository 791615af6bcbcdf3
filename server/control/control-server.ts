import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { Logger } from "pino";
import { ProblemError } from "../../core/problem.ts";
import type { Engine } from "../engine.ts";
import { problemFrom } from "../http/problem-response.ts";
import type { Caller } from "../sessions/sessions.ts";
import { BoundedOutput } from "./bounded-output.ts";
import {
	type ControlArguments,
	type ControlMessage,
	type ControlOperation,
	controlAnswerLine,
	controlRequestLine,
	controlRequests,
} from "./control-protocol.ts";
import { type Desk, engineDesk } from "./desk.ts";
import { localCaller } from "./local-caller.ts";
import type { RunListener } from "./run-file-request.ts";
import { socketAddress } from "./socket-address.ts";
import { onLines } from "./socket-lines.ts";

/** Connections at once. */
const mostConnections = 64;

/** One operation's connection, as its handler sees it. */
interface Visit {
	desk: Desk;
	listener: RunListener;
	signal: AbortSignal;
}

type Handlers = { [O in ControlOperation]: (visit: Visit, args: ControlArguments<O>) => Promise<unknown> };

const handlers: Handlers = {
	"sign-in": ({ desk }) => desk.signIn(),
	sessions: ({ desk }) => desk.sessions(),
	export: ({ desk }, { session, out }) => desk.exportTo(session, out),
	run: ({ desk, listener, signal }, { canAsk, ...request }) =>
		desk.run(request, canAsk ? listener : { ...listener, ask: null }, signal),
	"lab.kinds": ({ desk }) => desk.labs.kinds(),
	"lab.list": ({ desk }) => desk.labs.list(),
	"lab.up": ({ desk }, { kind, name, options }) => desk.labs.up(kind, name, options),
	"lab.down": ({ desk }, { name }) => desk.labs.down(name),
	"lab.reset": ({ desk }, { name }) => desk.labs.reset(name),
	"lab.fault": ({ desk }, { name, fault, node, seconds }) => desk.labs.fault(name, fault, node, seconds),
	"lab.heal": ({ desk }, { name, node }) => desk.labs.heal(name, node),
	"lab.logs": ({ desk }, { name, node, lines }) => desk.labs.logs(name, node, lines),
};

/**
 * Opens the data folder's Unix socket (0600), through which the command line reaches the server that runs on it.
 * The caller holds the folder's lock, so a socket that is there is a dead server's.
 */
export async function serveControl(
	path: string,
	parts: { engine: Engine; signIn(): string; log: Logger; labChanged(): void },
): Promise<{ close(): Promise<void> }> {
	const { engine, log } = parts;
	const visits = new Map<Socket, Promise<void>>();
	const server = createServer((socket) => {
		const visit = serve(socket, parts).finally(() => visits.delete(socket));
		visits.set(socket, visit);
	});
	server.maxConnections = mostConnections;
	server.on("error", (error) => log.error({ err: error }, "control socket"));
	rmSync(path, { force: true });
	const { address, release } = socketAddress(path, engine.platform);
	try {
		// Nobody else may connect, not even in the moment between its making and its mode.
		const before = process.umask(0o177);
		try {
			await new Promise<void>((resolve, reject) => {
				server.once("error", reject);
				server.listen(address, resolve);
			});
		} finally {
			process.umask(before);
		}
		chmodSync(path, 0o600);
	} finally {
		release();
	}
	return {
		async close() {
			server.close();
			try {
				rmSync(path, { force: true });
			} catch {
				// With its folder gone, so is the socket.
			}
			// What runs is cancelled as if its command had been; each still hears how it ended.
			await engine.sessions.stop();
			const ended = Promise.all(visits.values());
			await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
			for (const socket of visits.keys()) socket.destroy();
		},
	};
}

async function serve(
	socket: Socket,
	{ engine, signIn, log, labChanged }: { engine: Engine; signIn(): string; log: Logger; labChanged(): void },
): Promise<void> {
	const gone = new AbortController();
	const answers = new Map<number, (answer: { yes: boolean; typed?: string }) => void>();
	const send = (message: ControlMessage) => {
		if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
	};
	const leave = (because: string | undefined) => {
		gone.abort(because === undefined ? undefined : new ProblemError("cancelled", because));
		for (const answer of answers.values()) answer({ yes: false });
	};
	const lost = () => leave("The command line that had asked for it was gone.");
	socket.on("error", lost);
	socket.on("close", lost);
	const output = new BoundedOutput(
		() => socket.writableLength,
		(run, bytes) => send({ output: Buffer.from(bytes).toString("base64"), run }),
	);
	let lastQuestion = 0;
	const listener: RunListener = {
		event(event) {
			output.tell();
			send({ event });
		},
		output: (run, bytes) => output.output(run, bytes),
		recordHealth: (health) => send({ health }),
		ask: (plan, confirmation, title) =>
			new Promise((resolve) => {
				const ask = ++lastQuestion;
				answers.set(ask, resolve);
				send({ ask, plan, confirmation, title });
			}),
	};

	const first = await new Promise<string | null>((resolve) => {
		let isFirst = true;
		socket.once("close", () => resolve(null));
		onLines(socket, (line) => {
			if (isFirst) {
				isFirst = false;
				resolve(line);
				return;
			}
			const read = controlAnswerLine.safeParse(parseJson(line));
			if (!read.success) return;
			if ("cancel" in read.data) {
				leave(read.data.because);
				return;
			}
			const { answer, yes, typed } = read.data;
			answers.get(answer)?.({ yes, ...(typed === undefined ? {} : { typed }) });
			answers.delete(answer);
		});
	});
	if (first === null) return;
	try {
		const { op, person, args } = readRequest(first);
		const caller: Caller = localCaller(engine.signIns, person);
		const desk = engineDesk(engine, caller, {
			signIn: async () => signIn(),
			labChanged,
			close: async () => undefined,
		});
		send({ done: (await call(op, args, { desk, listener, signal: gone.signal })) ?? null });
	} catch (error) {
		send({ problem: problemFrom(error, (e) => log.error({ err: e }, "control")) });
	}
	socket.end();
}

function readRequest(line: string): {
	op: ControlOperation;
	person: { name: string; userAgent: string };
	args: unknown;
} {
	const read = controlRequestLine.safeParse(parseJson(line));
	if (!read.success || !Object.hasOwn(controlRequests, read.data.op)) {
		throw new ProblemError("bad-request", "The command line and the server are of different versions.", {
			next: "Start the server anew, so that both are the same build.",
		});
	}
	return { ...read.data, op: read.data.op as ControlOperation };
}

async function call<O extends ControlOperation>(op: O, args: unknown, visit: Visit): Promise<unknown> {
	const read = controlRequests[op].safeParse(args);
	if (!read.success) {
		const issue = read.error.issues[0];
		throw new ProblemError("bad-request", `\`${issue?.path.join(".") ?? ""}\`: ${issue?.message ?? "unusable"}.`);
	}
	return handlers[op](visit, read.data as ControlArguments<O>);
}

function parseJson(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return null;
	}
}

import { createServer, type Server, type Socket } from "node:net";
import { ProblemError, problem } from "../core/problem.ts";
import {
	type LabArguments,
	type LabMessage,
	type LabOperation,
	type LabReplies,
	labRequestLine,
	labRequests,
} from "./lab-protocol.ts";
import { lineReader } from "./line-reader.ts";
import type { Supervisor } from "./supervisor.ts";

/** A follower that reads this much too slowly is let go: it can connect again. */
const mostUnsent = 8 * 1024 * 1024;

/** Answers requests to a supervisor on a Unix socket. `onDown` is called after a `down` was answered. */
export function serveSupervisor(supervisor: Supervisor, onDown: () => void): Server {
	return createServer((socket) => {
		let unfollow: (() => void) | null = null;
		const send = (message: LabMessage) => {
			if (socket.writableLength > mostUnsent) socket.destroy();
			else if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
		};
		const answer = async (line: string): Promise<void> => {
			const request = labRequestLine.safeParse(parseJson(line));
			if (!request.success) {
				socket.destroy();
				return;
			}
			const { id, op, args } = request.data;
			try {
				if (op === "follow") {
					unfollow?.();
					unfollow = supervisor.follow((push) => send({ push }));
				}
				send({ id, reply: await perform(supervisor, socket, op, args) });
				if (op === "down") socket.end(onDown);
			} catch (error) {
				send({ id, problem: error instanceof ProblemError ? error.problem : problem("internal", String(error)) });
			}
		};
		const read = lineReader((line) => void answer(line));
		socket.on("data", (chunk: Buffer) => {
			try {
				read(chunk);
			} catch {
				socket.destroy();
			}
		});
		socket.on("error", () => {});
		socket.on("close", () => {
			unfollow?.();
			supervisor.left(socket).catch(() => {});
		});
	});
}

async function perform(
	supervisor: Supervisor,
	socket: Socket,
	op: string,
	given: unknown,
): Promise<LabReplies[LabOperation]> {
	if (!Object.hasOwn(labRequests, op)) throw new ProblemError("bad-request", `A lab does not know \`${op}\`.`);
	const parsed = labRequests[op as LabOperation].safeParse(given ?? {});
	if (!parsed.success) {
		const issue = parsed.error.issues[0];
		throw new ProblemError("bad-request", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unusable"}`);
	}
	const args = <Op extends LabOperation>(_op: Op) => parsed.data as LabArguments<Op>;
	switch (op as LabOperation) {
		case "ready":
			return supervisor.ready();
		case "status":
		case "follow":
			return supervisor.status();
		case "logs":
			return supervisor.logs(args("logs").node, args("logs").lines);
		case "fault": {
			const { kind, node, seconds, tied } = args("fault");
			return supervisor.fault(kind, node, seconds, tied ? socket : null);
		}
		case "extend":
			return supervisor.extend(args("extend").node, args("extend").seconds);
		case "heal":
			return supervisor.heal(args("heal").node);
		case "reset":
			return supervisor.reset();
		case "probe.start":
			return supervisor.startProbe(args("probe.start").kind, args("probe.start"));
		case "probe.check":
			return supervisor.probes.check(args("probe.check").kind);
		case "probe.stop":
			return supervisor.probes.stop(args("probe.stop").kind);
		case "down":
			await supervisor.down();
			return {};
	}
}

function parseJson(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return null;
	}
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { io, type Socket } from "socket.io-client";
import { httpRoutes, type Replies, type Reply, type RequestArgument, type RequestName } from "../../core/protocol.ts";

/** Compiled for a benchmark this file is in `dist` itself. */
const cli = ["../../server/cli.js", "../../dist/server/cli.js"]
	.map((path) => fileURLToPath(new URL(path, import.meta.url)))
	.find(existsSync) as string;

/** A server in a process of its own, as `runledger serve` starts it. */
export interface ServerProcess {
	url: string;
	signIn: string;
	child: ChildProcess;
	data: string;
	/** Ends it without a word, as a crash would; resolves when it is gone. */
	crash(): Promise<void>;
	/** Asks it to end; resolves when it has. */
	stop(): Promise<void>;
}

/** Starts `runledger serve` on a free port and waits for its line. */
export async function startServerProcess(
	data: string,
	args: string[] = [],
	env: NodeJS.ProcessEnv = {},
): Promise<ServerProcess> {
	const child = spawn(process.execPath, [cli, "serve", "--json", "--port", "0", "--data", data, ...args], {
		env: { ...process.env, ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let said = "";
	child.stderr?.on("data", (chunk: Buffer) => {
		said = (said + chunk.toString()).slice(-8000);
	});
	const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
	const line = await Promise.race([
		once(lines, "line").then(([text]) => String(text)),
		once(child, "exit").then(([code]) => {
			throw new Error(`runledger serve ended with ${code}: ${said}`);
		}),
	]);
	lines.on("line", () => undefined);
	const { url, signIn } = JSON.parse(line) as { url: string; signIn: string };
	const end = async (signal: NodeJS.Signals) => {
		if (child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, "exit");
		child.kill(signal);
		await ended;
	};
	return { url, signIn, child, data, crash: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}

/** Signs in by the one-time link, as the page's form does; gives the cookie header. */
export async function signInByLink(url: string, link: string, name: string): Promise<string> {
	const token = new URL(link).searchParams.get("token") ?? "";
	const response = await fetch(new URL(httpRoutes.signIn, url), {
		method: "POST",
		redirect: "manual",
		headers: { origin: new URL(url).origin, "content-type": "application/x-www-form-urlencoded" },
		body: new URLSearchParams({ token, name }),
	});
	const cookie = response.headers.getSetCookie()[0]?.split(";")[0];
	if (cookie === undefined) throw new Error(`signing in gave ${response.status}: ${await response.text()}`);
	return cookie;
}

/** A signed-in connection as a page has it. */
export interface PageConnection {
	socket: Socket;
	cookie: string;
	request<N extends RequestName>(name: N, argument: RequestArgument<N>): Promise<Replies[N]>;
	close(): void;
}

/** Connects as a page would, as that of `person` when told; refusals are thrown with their code. */
export async function connectPage(url: string, cookie: string, person?: string): Promise<PageConnection> {
	const socket = io(url, {
		path: httpRoutes.socket,
		transports: ["websocket"],
		extraHeaders: { cookie, origin: new URL(url).origin },
		reconnection: false,
		...(person === undefined ? {} : { auth: { person } }),
	});
	await new Promise<void>((resolve, reject) => {
		socket.once("connect", resolve);
		socket.once("connect_error", reject);
	});
	return {
		socket,
		cookie,
		async request(name, argument) {
			const reply = (await socket.timeout(30_000).emitWithAck(name, argument)) as Reply<typeof name>;
			if (!reply.ok)
				throw Object.assign(new Error(`${reply.problem.code}: ${reply.problem.detail}`), { problem: reply.problem });
			return reply.data as never;
		},
		close: () => socket.disconnect(),
	};
}

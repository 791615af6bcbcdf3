import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** The command, as a shell is given it. */
export const cliCommand: readonly string[] = [
	process.execPath,
	new URL("../../dist/server/cli.js", import.meta.url).pathname,
];

/** How a command line ended. */
export interface Ended {
	code: number | null;
	signal: NodeJS.Signals | null;
	out: string;
	err: string;
}

/** A command that runs: what it has said so far, and how it ends. */
export interface CliProcess {
	child: ChildProcess;
	said: { out: string; err: string };
	ended: Promise<Ended>;
}

/** Starts `runledger` with these arguments, without a terminal. */
export function startCli(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): CliProcess {
	const child = spawn(cliCommand[0] ?? "", [...cliCommand.slice(1), ...args], {
		cwd,
		env,
		stdio: ["ignore", "pipe", "pipe"],
	});
	const said = { out: "", err: "" };
	child.stdout.on("data", (chunk: Buffer) => {
		said.out += chunk.toString();
	});
	child.stderr.on("data", (chunk: Buffer) => {
		said.err += chunk.toString();
	});
	const ended: Promise<Ended> = once(child, "close").then(([code, signal]) => ({ code, signal, ...said }));
	return { child, said, ended };
}

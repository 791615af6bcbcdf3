import { startServer } from "../main.ts";
import { type CommandContext, type CommonOptions, configurationOf } from "./command-context.ts";

/** `runledger serve`: until it is told to end. */
export async function serveCommand(
	options: CommonOptions & { host?: string; port?: number; json?: boolean },
	{ output, surroundings, signal }: CommandContext,
): Promise<void> {
	const around = surroundings("info");
	const server = await startServer(configurationOf(options, around), around);
	const signIn = server.signIn();
	if (options.json) output.out(JSON.stringify({ url: server.url, signIn }));
	else {
		output.out(`Runledger answers at ${server.url}`);
		output.out(`Sign in within ten minutes, once: ${signIn}`);
		output.out("Another link: runledger signin. Ctrl+C ends the server.");
	}
	await aborted(signal);
	await server.stop(String(signal.reason));
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) resolve();
		// Something has to keep the process alive while it waits; sockets may all be gone for a moment.
		const alive = setInterval(() => undefined, 60_000);
		signal.addEventListener(
			"abort",
			() => {
				clearInterval(alive);
				resolve();
			},
			{ once: true },
		);
	});
}

import { remoteDesk } from "../control/control-client.ts";
import { type CommandContext, type CommonOptions, configurationOf } from "./command-context.ts";
import { controlPoint } from "./control-point.ts";

/** `runledger signin`: a fresh link of the server that runs on the data folder. */
export async function signInCommand(
	options: CommonOptions & { json?: boolean },
	{ output, surroundings }: CommandContext,
): Promise<void> {
	const around = surroundings("silent");
	const signIn = await remoteDesk(controlPoint(configurationOf(options, around), around)).signIn();
	output.out(options.json ? JSON.stringify({ signIn }) : signIn);
}

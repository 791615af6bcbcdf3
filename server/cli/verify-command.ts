import { resolve } from "node:path";
import { plainQuotes } from "../../core/plain-quotes.ts";
import { verifyPath } from "../records/verify.ts";
import type { CommandContext } from "./command-context.ts";

/** `runledger verify PLACE`: needs no server and no data folder of its own. Ends with 1 when the record is not whole. */
export async function verifyCommand(
	place: string,
	options: { json?: boolean },
	{ output, surroundings, exit }: CommandContext,
): Promise<void> {
	const around = surroundings("silent");
	const path = resolve(around.cwd, place);
	const report = await verifyPath(path);
	if (options.json) output.out(JSON.stringify(report));
	else {
		const { events, recordings, bytes } = report.checked;
		const looked = `${events} events, ${recordings} recordings, ${bytes} bytes`;

		if (report.ok) output.out(`${place}: the record is whole (${looked}).`);
		else {
			output.out(`${place}: the record is not what was written. ${plainQuotes(report.reason ?? "")}`);
			output.out(`First bad place: ${JSON.stringify(report.firstBad)} (after ${looked}).`);
		}
		output.out("What this can't tell:");
		for (const line of report.cannotTell) output.out(`  - ${plainQuotes(line)}`);
	}
	exit(report.ok ? 0 : 1);
}

import { ProblemError } from "../../core/problem.ts";
import type { Configuration } from "../config.ts";
import type { ControlPoint } from "../control/control-client.ts";
import { type Desk, engineDesk } from "../control/desk.ts";
import { localCaller } from "../control/local-caller.ts";
import { openEngine, type Surroundings } from "../engine.ts";

/** The desk of a data folder on which no server runs: this process opens it. Throws `record-locked` while another has it. */
export async function openOwnDesk(
	configuration: Configuration,
	person: ControlPoint["person"],
	around: Surroundings,
): Promise<Desk> {
	const engine = await openEngine(configuration, around);
	return engineDesk(engine, localCaller(engine.signIns, person), {
		signIn: () => Promise.reject(new ProblemError("server-not-running")),
		labChanged: () => undefined,
		close: () => engine.close("the command has ended"),
	});
}

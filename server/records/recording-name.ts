import { ProblemError } from "../../core/problem.ts";

const idForm = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

/** Where a recording is, relative to a data folder as well as to an export. Ids that could name another place are refused. */
export function recordingName(session: string, run: string): string {
	for (const id of [session, run]) {
		if (!idForm.test(id)) throw new ProblemError("bad-request", `"${id.slice(0, 100)}" is not an id.`);
	}
	return `recordings/${session}.${run}.cast`;
}

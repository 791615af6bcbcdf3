import type { RecordingSummary } from "../../../../core/recording.ts";
import { type RunOutput, readOutput } from "./read-output.ts";

const outputs = new Map<string, Promise<RunOutput>>();
const kept = 60;

/** A run's output, fetched once; a recording never changes once its run has finished. Failures are tried anew. */
export function outputOf(session: string, run: string, recording: RecordingSummary): Promise<RunOutput> {
	const known = outputs.get(run);
	if (known) {
		outputs.delete(run);
		outputs.set(run, known);
		return known;
	}
	const reading = readOutput(session, run, recording);
	outputs.set(run, reading);
	reading.catch(() => outputs.delete(run));
	if (outputs.size > kept) {
		const oldest = outputs.keys().next().value;
		if (oldest !== undefined) outputs.delete(oldest);
	}
	return reading;
}

import { effect } from "@preact/signals";
import type { RecordingSummary } from "../../../../core/recording.ts";
import type { SessionStore } from "../session-store.ts";
import { type RunOutput, readOutput } from "./read-output.ts";

interface Reading {
	output: Promise<RunOutput>;
	/** Once it is here. */
	read: RunOutput | null;
}

const outputs = new Map<string, Reading>();
const kept = 60;

/** A run's output, fetched once; a recording never changes once its run has finished. Failures are tried anew. */
export function outputOf(session: string, run: string, recording: RecordingSummary): Promise<RunOutput> {
	const known = outputs.get(run);
	if (known) {
		outputs.delete(run);
		outputs.set(run, known);
		return known.output;
	}
	const reading: Reading = { output: readOutput(session, run, recording), read: null };
	outputs.set(run, reading);
	reading.output.then(
		(output) => {
			reading.read = output;
		},
		() => outputs.delete(run),
	);
	if (outputs.size > kept) {
		const oldest = outputs.keys().next().value;
		if (oldest !== undefined) outputs.delete(oldest);
	}
	return reading.output;
}

/** A run's output if it has been fetched: then it stands from the first drawing on. */
export function outputRead(run: string): RunOutput | null {
	return outputs.get(run)?.read ?? null;
}

/** A run's end and its output take a moment to come; beyond this, milliseconds, nobody waits for them. */
const longestMs = 1_000;

/** Fetches the output of a run that is about to end, so that it can take its terminal's place. Waits a second at most. */
export function fetchAtEnd({ session, run: runOf }: Pick<SessionStore, "session" | "run">, run: string): Promise<void> {
	return new Promise((resolve) => {
		let stop = () => {};
		const done = () => {
			clearTimeout(timer);
			stop();
			resolve();
		};
		const timer = setTimeout(done, longestMs);
		let asked = false;
		stop = effect(() => {
			const finished = runOf(run).value;
			if (asked || finished?.status !== "finished") return;
			asked = true;
			if (finished.recording) outputOf(session, run, finished.recording).then(done, done);
			else setTimeout(done);
		});
	});
}

import { writeSync } from "node:fs";
import { ProblemError } from "../../core/problem.ts";
import { noteDraft, openingDraft, openSampleFolder, sampleActor, sampleOrigin } from "./sample-record.ts";

/**
 * Writes a record and says what was acknowledged, at once and without a buffer: `acked <stream> <seq> <hash>`.
 * Arguments: the data folder, how many streams write side by side, how many events each (0: until it is killed).
 * With `recording`, one recording too: `synced <bytes>` after each sync.
 * After a failure it says `refused <code>`, tries once more without a probe, then with one.
 */
const [path = "", streams = "1", count = "0", mode = ""] = process.argv.slice(2);
const folder = await openSampleFolder(path);
const say = (line: string) => writeSync(1, `${line}\n`);

async function append(stream: string, seq: number): Promise<boolean> {
	const draft = seq === 1 ? openingDraft(stream) : noteDraft(`event ${seq} of ${stream}`);
	const event = { actor: sampleActor, origin: sampleOrigin, draft };
	try {
		const [written] = await folder.events.append(stream, seq - 1, [event]);
		say(`acked ${stream} ${written?.seq} ${written?.hash}`);
		return true;
	} catch (error) {
		say(`refused ${error instanceof ProblemError ? error.problem.code : String(error)}`);
		return false;
	}
}

async function writeStream(stream: string): Promise<void> {
	for (let seq = 1; count === "0" || seq <= Number(count); seq += 1) {
		if (await append(stream, seq)) continue;
		await append(stream, seq);
		say(`probe ${await folder.probe()}`);
		const head = folder.events.heads().find((known) => known.stream === stream)?.seq ?? 0;
		await append(stream, head + 1);
		return;
	}
}

async function writeRecording(): Promise<void> {
	const writer = await folder.recordings.create("session", "run");
	for (let line = 0; line < Number(count); line += 1) {
		try {
			await writer.append(Buffer.from(`[0.1,"o","line ${line}"]\n`));
			await writer.sync();
			say(`synced ${writer.bytes}`);
		} catch (error) {
			say(`refused ${error instanceof ProblemError ? error.problem.code : String(error)}`);
		}
	}
}

await Promise.all([
	...Array.from({ length: Number(streams) }, (_, index) => writeStream(`stream-${index}`)),
	...(mode === "recording" ? [writeRecording()] : []),
]);
await folder.close();
say("closed");
